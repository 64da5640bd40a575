//! A backup by Postgres' own programs, put back: the bot does not start, a recovery is declared, and what was erased in
//! between is erased again.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::outside::{Folder, audit, notary, operate};
use super::{ROOM, short_story};
use crate::harness::{Bot, World};

const BACKUP: [&str; 5] = ["recover", "--backup", "the nightly one", "--reason", "the disk failed"];
const SECRET: &str = "card of Erika Mustermann";

/// One of Postgres' programs, which Debian does not put on the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists());
    installed.max().unwrap_or_else(|| PathBuf::from(name))
}

fn run(name: &str, arguments: &[&str]) {
    let ran = Command::new(program(name)).args(arguments).output().expect("it comes with the server");
    assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn dump(world: &World, file: &Path) {
    let (file, url) = (file.to_str().expect("a path"), world.database.superuser_url());
    run("pg_dump", &["--format=custom", "--file", file, "--dbname", &url]);
}

async fn restore(world: &World, file: &Path) {
    world.database.empty_out().await;
    let (file, url) = (file.to_str().expect("a path"), world.database.superuser_url());
    run("pg_restore", &["--exit-on-error", "--dbname", &url, file]);
}

async fn erases(bot: &Bot, entry: &str) {
    let asked = bot.person("zoe").slack().says(&format!("/log erase {entry} basis: GDPR Art. 17")).await;
    assert!(asked.contains("a second officer must approve"), "{asked}");
    let approved = bot.person("kim").discord().says(&format!("/log approve {entry}")).await;
    assert!(approved.contains("The log stays whole"), "{approved}");
}

async fn texts_with(world: &World, words: &str) -> i64 {
    let sql = format!("select count(*) from dlog.disclosure where convert_from(disclosure, 'UTF8') like '%{words}%'");
    world.database.count(&sql).await
}

/// Signed, dumped, gone on with, erased, signed again, and put back.
async fn put_back(folder: &Folder, before: impl AsyncFn(&Bot)) -> World {
    let bot = Bot::start().await;
    let notary = notary(&bot, folder);
    short_story(&bot).await;
    let ana = bot.person("ana").slack().at(ROOM);
    let noted = ana.says(&format!("/inc note the {SECRET}")).await;
    assert!(noted.contains("INC-1#8"), "{noted}");
    before(&bot).await;
    bot.run_until_idle().await;
    notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    dump(&bot, &folder.at("nightly.dump"));
    if bot.decision_log("INC-1").await.contains("hold.placed") {
        bot.person("zoe").slack().says("/log release INC-1 why: released").await;
    }
    erases(&bot, "INC-1#8").await;
    ana.says("/inc note written after the backup").await;
    bot.run_until_idle().await;
    notary.sign(1).await.expect("it can be signed").expect("the tree grew");
    assert_eq!(texts_with(&bot, SECRET).await, 0);
    let world = bot.stop().await;
    restore(&world, &folder.at("nightly.dump")).await;
    assert_eq!(texts_with(&world, SECRET).await, 1, "the backup has it again");
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_dump_is_refused_declared_gone_on_with_and_erased_in_again() {
    let folder = Folder::new("dumped");
    let world = put_back(&folder, async |_| ()).await;
    let (runs, told) = operate(&world, &folder, &["run", "--port", "0"]);
    assert!(!runs && told.contains("does not continue what was signed"), "{told}");
    let (settled, told) = audit(&world, &folder, &["recover"]);
    assert!(!settled && told.contains("What was erased, and is there again:"), "{told}");
    assert!(told.contains("1 names or texts of INC-1, erased as INC-1#"), "{told}");
    assert_eq!(texts_with(&world, SECRET).await, 1, "listing changes nothing");

    let (recovered, told) = audit(&world, &folder, &BACKUP);
    assert!(recovered && told.contains("It goes on as wardroom/harbour/2"), "{told}");
    assert!(told.contains("Erased again: 1 of 1."), "{told}");
    assert_eq!(texts_with(&world, SECRET).await, 0);
    let bodies = "select string_agg(convert_from(body, 'UTF8'), ' ') from dlog.entry where kind = 'payload.erased'";
    assert!(world.database.text(bodies).await.contains("\"actor\":\"wardroom\""), "Wardroom answers for it");

    let bot = Bot::back(world).await;
    let signer = notary(&bot, &folder);
    signer.check().await.expect("it fits again");
    let said = bot.person("raj").discord().says("/inc declare another one sev:sev4 svc:shop").await;
    assert!(said.contains("L INC-2#1"), "{said}");
    let shown = bot.person("zoe").slack().says("/log show INC-1").await;
    assert!(!shown.contains(SECRET) && shown.contains("a restored backup had it again"), "{shown}");
    bot.run_until_idle().await;
    signer.sign(1).await.expect("it can be signed").expect("the tree grew");
    let (whole, told) = audit(&bot, &folder, &["verify"]);
    assert!(whole && told.contains("A backup was restored (the nightly one)"), "{told}");
    let (settled, told) = audit(&bot, &folder, &["recover"]);
    assert!(settled && !told.contains("there again"), "{told}");
    bot.finish().await;
}

/// The backup does not know that the hold was released, so the text stays until somebody says so again.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_hold_of_the_backup_keeps_is_left_and_said_so() {
    let folder = Folder::new("held");
    let world = put_back(&folder, async |bot| {
        let held = bot.person("zoe").slack().says("/log hold INC-1 why: the regulator has asked").await;
        assert!(held.contains("L INC-1#"), "{held}");
    })
    .await;
    let (recovered, told) = audit(&world, &folder, &BACKUP);
    assert!(recovered && told.contains("Erased again: 0 of 1."), "{told}");
    assert!(
        told.contains("Left: 1 names or texts of INC-1") && told.contains("a hold of the backup keeps it"),
        "{told}"
    );
    assert_eq!(texts_with(&world, SECRET).await, 1);
    let bot = Bot::back(world).await;
    let released = bot.person("zoe").slack().says("/log release INC-1 why: it was released before").await;
    assert!(released.contains("L INC-1#"), "{released}");
    bot.run_until_idle().await;
    let world = bot.stop().await;
    let (settled, told) = audit(&world, &folder, &BACKUP);
    assert!(
        settled && told.contains("there is nothing to recover") && told.contains("Erased again: 1 of 1."),
        "{told}"
    );
    assert_eq!(texts_with(&world, SECRET).await, 0);
    world.leave().await;
}
