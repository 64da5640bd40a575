//! What a button reads of its own id.

use super::*;

#[test]
fn every_button_reads_its_own_id_and_stays_under_forty_characters() {
    for action in PressAction::ALL.iter().copied() {
        let subject = Subject::Change(1_234_567_890);
        let about = Press::about(action, Subject::Incident(1_234_567_890), 1_234_567_890);
        for press in [Press::on(action, subject, None), Press::on(action, subject, Some(12_345)), about] {
            if press.change.is_some() && action.verb() != catalogue::VerbId::IncLink {
                continue;
            }
            assert_eq!(Press::parse(&press.id()), Some(press));
            assert!(press.id().len() < 40, "{}", press.id());
            assert!(press.call().verb().is_some());
        }
    }
    let longest = EntryKey::parse(&"a-1".repeat(11)[..32]).expect("a key");
    for action in [PressAction::SuspendEntry, PressAction::ResumeEntry, PressAction::ReviseEntry] {
        let press = Press::of_entry(action, longest);
        assert_eq!(Press::parse(&press.id()), Some(press));
        assert!(press.id().len() < 60, "{}", press.id());
        assert_eq!(press.call().get("entry"), Some(longest.as_str()));
    }
    assert_eq!(EntryKey::parse(&"a".repeat(33)), None, "too long");
    for id in [
        "",
        "b1",
        "b2.lead.INC-1",
        "b1.nope.INC-1",
        "b1.lead.INC-x",
        "b1.lead.INC-1.x",
        "b1.lead.INC-1.1.1",
        "b1.cause.INC-1.INC-2",
        "b1.lead.INC-1.log-rotation",
        "b1.suspend.POLICY.Log_Rotation",
    ] {
        assert_eq!(Press::parse(id), None, "{id}");
    }
}
