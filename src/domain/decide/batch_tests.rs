//! What a batch does next as its changes stand, and who may start it.

use super::decide;
use super::test_world::{actor, id, now, organisation};
use super::tests::change;
use crate::domain::batch::{Batch, BatchItem, BatchStatus, ItemState, Next, SharedText};
use crate::domain::item_list::ListedItem;
use crate::domain::policy::Policy;
use crate::domain::rules::{BatchStop, ChangeKind};
use crate::domain::{
    Asked, BatchCommand, BatchTarget, Change, ChangeStatus, Command, Decision, Refusal, Target, Window, World,
};

fn changes(statuses: &[ChangeStatus]) -> Vec<Change> {
    let one = |(number, status): (i64, &ChangeStatus)| Change {
        number,
        status: *status,
        kind: ChangeKind::Normal,
        incident: None,
        ..change()
    };
    (1..).zip(statuses).map(one).collect()
}

fn batch(status: BatchStatus, many: usize) -> Batch {
    let item = |number| BatchItem {
        state: ItemState::Filed,
        change: Some(number),
        ..BatchItem::new(ListedItem { group: 1, service: "cards".into(), also: Vec::new(), what: String::new() })
    };
    Batch {
        number: 1,
        version: 1,
        status,
        title: "patch night".into(),
        requester: id("ana"),
        runner: None,
        window: Window { opens: now(), closes: now() },
        shared: SharedText::default(),
        items: (1..).take(many).map(item).collect(),
        stop: BatchStop::All,
        stopped: Vec::new(),
        held: None,
        asked_at: now(),
        ended_at: None,
    }
}

fn next(statuses: &[ChangeStatus]) -> Next {
    batch(BatchStatus::Running, statuses.len()).next(&changes(statuses))
}

fn attempt(by: &str, batch: &Batch, changes: &[Change], command: BatchCommand) -> Result<Decision, Refusal> {
    let (organisation, policy) = (organisation(), Policy::sample());
    let known = BatchTarget::Known { batch: Box::new(batch.clone()), changes: changes.to_vec() };
    let world = World::about(&organisation, &policy, 1, Target::Batch(known));
    decide(&world, Asked { by: &actor(by), at: now() }, Command::Batch(command))
}

#[test]
fn the_next_one_starts_once_the_one_before_it_is_done_and_works() {
    use ChangeStatus::{
        Approved, AwaitingApproval, Cancelled, Completed, Failed, Halted, Implementing, RolledBack, Validating,
    };
    let waits = |number, why: &str| Next::Wait(number, Some(why.to_owned()));
    let pauses = |number, why: &str| Next::Pause(number, why.to_owned());
    for (statuses, expected) in [
        (vec![Approved, Approved], Next::Start(1)),
        (vec![Implementing, Approved], Next::Wait(1, None)),
        (vec![Validating, Approved], Next::Wait(1, None)),
        (vec![Halted, Approved], waits(1, "CHG-1 is halted.")),
        (vec![Completed, Approved], Next::Start(2)),
        (vec![Cancelled, AwaitingApproval], waits(2, "CHG-2 is awaiting approval.")),
        (vec![RolledBack, Approved], pauses(1, "CHG-1 was rolled back.")),
        (vec![Completed, Failed], pauses(2, "CHG-2 does not work.")),
        (vec![Completed, Completed], Next::Complete),
        (vec![], Next::Complete),
    ] {
        assert_eq!(next(&statuses), expected, "{statuses:?}");
    }
    let mut resumed = batch(BatchStatus::Running, 2);
    resumed.items[0].state = ItemState::Failed;
    assert_eq!(resumed.next(&changes(&[RolledBack, Approved])), Next::Start(2), "what paused it once does not again");
    resumed.items[1].state = ItemState::Out;
    assert_eq!(resumed.next(&changes(&[RolledBack, Approved])), Next::Complete, "what went is not waited for");
}

/// Items of groups 1, 1, 2 and 2.
fn grouped(stop: BatchStop, stopped: &[u8]) -> Batch {
    let mut batch = batch(BatchStatus::Running, 4);
    batch.items[2].group = 2;
    batch.items[3].group = 2;
    Batch { stop, stopped: stopped.to_vec(), ..batch }
}

#[test]
fn a_failure_stops_all_or_only_its_group_which_goes_on_last() {
    use ChangeStatus::{Approved, Completed, Implementing, RolledBack};
    let (all, group) = (|| grouped(BatchStop::All, &[]), || grouped(BatchStop::Group, &[]));
    let next = |batch: &Batch, statuses: [ChangeStatus; 4]| batch.next(&changes(&statuses));
    let why = || "CHG-1 was rolled back.".to_owned();
    let failed = [RolledBack, Approved, Approved, Approved];
    assert_eq!(next(&all(), failed), Next::Pause(1, why()));
    assert_eq!(next(&group(), failed), Next::StopGroup(1, why()));
    let alone = [RolledBack, Approved, Completed, Completed];
    assert_eq!(next(&group(), alone), Next::Pause(1, why()), "no other group can go on");
    let mut stopped = grouped(BatchStop::Group, &[1]);
    stopped.items[0].state = ItemState::Failed;
    assert_eq!(next(&stopped, failed), Next::Start(3));
    assert_eq!(next(&stopped, [RolledBack, Implementing, Approved, Approved]), Next::Wait(2, None), "begun by hand");
    let through = "Group 1 stopped there, and the other groups are through.".to_owned();
    assert_eq!(next(&stopped, alone), Next::Through(1, through));
    assert_eq!(next(&stopped, [RolledBack, Completed, Completed, Completed]), Next::Complete);
    stopped.stopped = vec![1, 2];
    stopped.items[2].state = ItemState::Failed;
    assert_eq!(
        next(&stopped, [RolledBack, Completed, RolledBack, Completed]),
        Next::Complete,
        "nothing is left of them"
    );
}

#[test]
fn who_resumes_goes_on_with_stopped_groups_only_once_nothing_else_is_left() {
    use ChangeStatus::{Approved, Completed, RolledBack};
    let mut paused = grouped(BatchStop::Group, &[1]);
    paused.status = BatchStatus::Paused;
    paused.items[0].state = ItemState::Failed;
    let resumed = |statuses: [ChangeStatus; 4]| {
        let decision = attempt("ana", &paused, &changes(&statuses), BatchCommand::Resume).expect("she may");
        let crate::domain::State::Batch(batch) = decision.state else { panic!("a batch") };
        batch.stopped
    };
    assert_eq!(resumed([RolledBack, Approved, Approved, Approved]), [1]);
    assert!(resumed([RolledBack, Approved, Completed, Completed]).is_empty());
}

#[test]
fn only_whoever_may_start_each_starts_all_and_only_once_all_are_decided() {
    let (open, approved) = (batch(BatchStatus::Open, 2), [ChangeStatus::Approved; 2]);
    let refused = |outcome: Result<Decision, Refusal>| outcome.expect_err("it is refused").rule;
    assert!(attempt("ana", &open, &changes(&approved), BatchCommand::Start).is_ok());
    assert_eq!(refused(attempt("raj", &open, &changes(&approved), BatchCommand::Start)), "4.23");
    let undecided = [ChangeStatus::Approved, ChangeStatus::AwaitingApproval];
    assert_eq!(refused(attempt("ana", &open, &changes(&undecided), BatchCommand::Start)), "bulk-change");
    let exclude = || BatchCommand::Exclude { change: 2, why: None };
    for who in ["ana", "ines", "mia"] {
        assert!(attempt(who, &open, &changes(&undecided), exclude()).is_ok(), "{who} has a say in it");
    }
    let running = [ChangeStatus::Completed, ChangeStatus::Implementing];
    assert!(attempt("ana", &open, &changes(&running), exclude()).is_err(), "what runs is not taken out");
    assert_eq!(refused(attempt("raj", &open, &changes(&approved), BatchCommand::Pause)), "4.23");
    let stopped = batch(BatchStatus::Stopped, 2);
    let late = attempt("ana", &stopped, &changes(&approved), BatchCommand::Start).expect_err("it is over");
    assert_eq!(late.sentence, "BAT-1 is stopped.");
}
