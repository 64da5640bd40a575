//! Another key takes the place of the one that signs, while the bot runs.

use super::outside::{AtWork, Folder, LOG, anchors, audit, check_export, first_name, notary, signed};
use super::{ROOM, short_story};
use crate::harness::Bot;

const ROTATIONS: &str = "select count(*) from dlog.entry where kind = 'log.key_rotated'";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_logged_signs_with_the_old_one_once_and_alone_from_then_on() {
    let (bot, folder) = (Bot::start().await, Folder::new("rotated"));
    let notary = notary(&bot, &folder);
    short_story(&bot).await;
    notary.sign(1).await.expect("it can be signed");
    let at_work = AtWork::start(&bot, &folder);
    let (rotated, told) = audit(&bot, &folder, &["rotate-key"]);
    assert!(rotated && told.contains("signed by another key from now on"), "{told}");
    let keys = anchors(&folder).verifiers(LOG).expect("they are listed");
    assert_eq!(keys.len(), 2);
    assert!(told.contains(&keys[1].vkey()), "{told}");

    // The bot that runs signs with it, without a restart.
    bot.person("ana").slack().at(ROOM).says("/inc note after the rotation").await;
    notary.sign(1).await.expect("it can be signed");
    at_work.stop().await.expect("it ends well");
    let notes: Vec<[bool; 2]> = signed(&folder, LOG)
        .iter()
        .map(|signed| [keys[0].open(&signed.note).is_ok(), keys[1].open(&signed.note).is_ok()])
        .collect();
    let both = notes.iter().position(|by| *by == [true, true]).expect("one is signed by both");
    assert!(notes[..both].iter().all(|by| *by == [true, false]), "{notes:?}");
    assert!(notes[both + 1..].iter().all(|by| *by == [false, true]) && notes.len() > both + 1, "{notes:?}");
    assert_eq!(bot.database.count(ROTATIONS).await, 1);

    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains(&format!("{} signed checkpoints agree", notes.len())), "{told}");
    let export = folder.at("export");
    let (exported, told) = audit(&bot, &folder, &["export", export.to_str().expect("a path")]);
    assert!(exported, "{told}");
    let export = export.join("harbour");
    if let Some((whole, told)) = check_export(&export) {
        assert!(whole && told.contains(&format!("{} signed checkpoints agree", notes.len())), "{told}");
        // The old key, used once more by whoever has it.
        let checkpoints = std::fs::read_to_string(export.join("checkpoints.txt")).expect("it was written");
        let first = signed(&folder, LOG)[0].note.clone();
        std::fs::write(export.join("checkpoints.txt"), format!("{checkpoints}{first}\n")).expect("it can be spoilt");
        let (whole, told) = check_export(&export).expect("Python is still there");
        assert!(!whole && told.contains("not signed by the key of its time"), "{told}");
    }
    bot.finish().await;
}

/// What a kill leaves: a key that is listed and logged, and has signed nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_left_in_the_middle_is_ended_by_the_same_command() {
    let (bot, folder) = (Bot::start().await, Folder::new("left"));
    let notary = notary(&bot, &folder);
    short_story(&bot).await;
    notary.sign(1).await.expect("it can be signed");
    let old = anchors(&folder).hold(&first_name()).expect("there is a key").key.verifier();
    let next = anchors(&folder).next_key(LOG).expect("a key can be made").verifier();
    bot.app.record_key(1, &next.vkey(), &old.vkey()).await.expect("it can be logged");
    notary.sign(1).await.expect("the old key signs on");
    assert_eq!(anchors(&folder).hold(&first_name()).expect("there is a key").key.verifier(), old);

    let (rotated, told) = audit(&bot, &folder, &["rotate-key"]);
    assert!(rotated && told.contains(&next.vkey()), "{told}");
    assert_eq!(bot.database.count(ROTATIONS).await, 1, "logged once");
    assert_eq!(anchors(&folder).hold(&first_name()).expect("there is a key").key.verifier(), next);
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole, "{told}");
    bot.finish().await;
}
