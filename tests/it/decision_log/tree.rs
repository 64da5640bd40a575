//! The tree over the log: every entry becomes a leaf, once, in the order of cause and effect, and can be proven.

use wardroom::ledger::merkle::{Frontier, is_consistent, is_included};

use super::short_story;
use crate::harness::Bot;

/// Entries that nobody decided, in numbers that make tiles: all that the tree asks of an entry is its hash.
const MANY: &str = "insert into dlog.entry (tenant_id, subject, seq, kind, body)
    select 1, 'INC-900', n, 'test', convert_to('entry ' || n, 'UTF8') from generate_series(1, 700) n";

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_becomes_a_leaf_in_the_order_of_cause_and_effect() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let entries = bot.database.count("select count(*) from dlog.entry").await;
    assert_eq!(bot.database.count("select count(*) from dlog.pending").await, entries);
    assert_eq!(i64::try_from(bot.app.store.sequence(1).await.expect("it is sequenced")), Ok(entries));
    assert_eq!(bot.database.count("select count(*) from dlog.pending").await, 0);
    assert_eq!(bot.database.count("select count(*) from dlog.leaf").await, entries);
    let out_of_order = "select count(*) from dlog.leaf a join dlog.entry x on x.id = a.entry_id
        join dlog.entry y on y.subject = x.subject and y.seq < x.seq join dlog.leaf b on b.entry_id = y.id
        where b.idx > a.idx";
    assert_eq!(bot.database.count(out_of_order).await, 0);
    assert_eq!(bot.app.store.sequence(1).await.expect("it is sequenced"), 0, "each once");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_entry_can_be_proven_and_each_size_is_the_beginning_of_the_next() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let store = &bot.app.store;
    store.sequence(1).await.expect("it is sequenced");
    let mut tx = store.begin(1).await.expect("Postgres answers");
    let before = tx.tree_head().await.expect("there is a tree");
    drop(tx);
    bot.as_superuser(MANY).await;
    store.sequence(1).await.expect("it is sequenced");

    let mut tx = store.begin(1).await.expect("Postgres answers");
    let now = tx.tree_head().await.expect("there is a tree");
    assert_eq!(now.size, before.size + 700);
    let steps = tx.prove_consistency(before.size, now.size).await.expect("it can be proven");
    assert!(is_consistent((before.size, &before.root), (now.size, &now.root), &steps));
    for (subject, seq) in [("INC-1", 1), ("INC-1", 3), ("INC-900", 1), ("INC-900", 256), ("INC-900", 700)] {
        let found = tx.prove_inclusion(subject, seq, now.size).await.expect("Postgres answers").expect("it is there");
        assert!(found.proof.len() <= 10, "{subject}#{seq}: {} hashes", found.proof.len());
        assert!(is_included(&found.leaf, found.index, now.size, &found.proof, &now.root), "{subject}#{seq}");
        assert!(!is_included(&found.leaf, found.index, now.size, &found.proof, &before.root), "{subject}#{seq}");
    }
    assert_eq!(tx.prove_inclusion("INC-900", 1, before.size).await.expect("Postgres answers"), None, "not yet then");
    drop(tx);
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_sequence_while_ten_write_leave_no_gap_and_nothing_twice() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    let sequence = async || {
        for _ in 0..40 {
            bot.app.store.sequence(1).await.expect("it is sequenced");
            tokio::task::yield_now().await;
        }
    };
    let ana = bot.person("ana").slack().at(super::ROOM);
    let notes: Vec<String> = (0..10).map(|n| format!("/inc note number {n}")).collect();
    let write = futures::future::join_all(notes.iter().map(|note| ana.says(note)));
    let ((), (), _) = tokio::join!(sequence(), sequence(), write);
    bot.app.store.sequence(1).await.expect("it is sequenced");

    let gaps = "select (max(idx) + 1 - count(*)) + abs(count(*) - (select count(*) from dlog.entry)) from dlog.leaf";
    assert_eq!(bot.database.count(gaps).await, 0);
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let head = tx.tree_head().await.expect("there is a tree");
    let mut frontier = Frontier::default();
    for leaf in bot.database.texts("select encode(leaf_hash, 'hex') from dlog.leaf order by idx").await {
        let leaf = hex::decode(leaf).expect("hexadecimal");
        frontier.push(leaf.try_into().expect("a hash"), |_, _| {});
    }
    assert_eq!((head.size, head.root), (frontier.size(), frontier.root()));
    drop(tx);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bots_own_role_grows_the_tree_only_as_the_sequencer_and_nobody_shrinks_it() {
    let bot = Bot::start().await;
    short_story(&bot).await;
    bot.app.store.sequence(1).await.expect("it is sequenced");
    let tenant = "set wardroom.tenant = '1'; ";
    let as_sequencer = format!("{tenant}set role wardroom_sequencer; ");
    let leaf = "insert into dlog.leaf (tenant_id, idx, entry_id, leaf_hash) select 1, 99, 1, ''";
    for (role, sql, words) in [
        (tenant, leaf, "permission denied for table leaf"),
        (tenant, "delete from dlog.pending", "permission denied for table pending"),
        (tenant, "update dlog.tree set size = 0", "permission denied for table tree"),
        (as_sequencer.as_str(), "update dlog.leaf set idx = 99", "permission denied for table leaf"),
        (as_sequencer.as_str(), "update dlog.tree set size = 1", "the tree of the decision log only grows"),
        (
            as_sequencer.as_str(),
            "insert into dlog.entry (tenant_id, subject, seq, kind, body) values (1, 'INC-1', 99, 'x', '')",
            "permission denied for table entry",
        ),
    ] {
        let refused = bot.as_app(&format!("{role}{sql}")).await.expect_err(sql);
        assert!(refused.contains(words), "{sql}: {refused}");
    }
    for sql in ["update dlog.leaf set idx = idx + 100", "truncate dlog.tree", "delete from dlog.tree"] {
        assert!(bot.database.as_superuser(sql).await.is_err(), "{sql}: the guard rail holds even a superuser");
    }
    bot.finish().await;
}
