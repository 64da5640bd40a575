use insta::assert_snapshot;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, VerifierList};

use super::*;

const NAME: &str = "wardroom/harbour";

fn key() -> NoteKey {
    NoteKey::new(NAME, &[7; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: NAME.into(), size: 47, root: [0x2d; 32] }
}

/// A key, a note and a key's name never change their form: auditors have them.
#[test]
fn the_form_stays_as_it_is() {
    assert_snapshot!(key().verifier().vkey(), @"wardroom/harbour+ec520463+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs");
    assert_snapshot!(checkpoint().signed(&[&key()]), @"
    wardroom/harbour
    47
    LS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0=

    — wardroom/harbour 7FIEY94ZtCRzB5EXp64cs0GLDY3bUGpo1zksVvmJrbkvWq9wDZHahc3qQkDmKsbhiqm1N37wq5SClKj73Y82gq6Negk=
    ");
}

#[test]
fn another_implementation_reads_our_notes_and_we_read_its() {
    let (ours, note) = (key(), checkpoint().signed(&[&key()]));
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&ours.verifier().vkey()).unwrap())]);
    let (verified, _) = Note::from_bytes(note.as_bytes()).unwrap().verify(&known).unwrap();
    assert_eq!(verified.len(), 1);

    let theirs = StandardSigner::new(ours.secret().expose_secret()).unwrap();
    let mut note = Note::new(checkpoint().text().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&theirs]).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    assert_eq!(note, checkpoint().signed(&[&ours]), "{}: Ed25519 signs the same text the same way", theirs.name());
    assert_eq!(Checkpoint::open(&note, &ours.verifier()), Ok(checkpoint()));
}

#[test]
fn a_key_comes_back_from_its_file_and_from_its_vkey() {
    let ours = NoteKey::generate(NAME).unwrap();
    let again = NoteKey::parse(ours.secret().expose_secret()).unwrap();
    assert_eq!(again.verifier(), ours.verifier());
    assert_eq!(NoteVerifier::parse(&ours.verifier().vkey()), Ok(ours.verifier()));
    let shown = format!("{ours:?}");
    assert!(!shown.contains(ours.secret().expose_secret()), "{shown}");
    for name in ["", "two words", "a+b", "a\tb"] {
        assert_eq!(NoteKey::generate(name).unwrap_err(), NoteError::Name, "{name:?}");
    }
}

#[test]
fn only_a_trusted_signature_over_just_this_text_opens_a_note() {
    let (ours, other) = (key(), NoteKey::new(NAME, &[8; 32]).unwrap());
    let note = checkpoint().signed(&[&ours]);
    assert_eq!(other.verifier().open(&note), Err(NoteError::Unsigned));
    assert_eq!(ours.verifier().open(&note.replacen("47", "48", 1)), Err(NoteError::Signature));
    assert_eq!(ours.verifier().open(&checkpoint().text()), Err(NoteError::Shape));
    let both = checkpoint().signed(&[&other, &ours]);
    assert_eq!(Checkpoint::open(&both, &ours.verifier()), Ok(checkpoint()), "a key's successor signs beside it");
    assert_eq!(Checkpoint::open(&both, &other.verifier()), Ok(checkpoint()));
    for size in ["047", "+47", "-1", "x", "18446744073709551616"] {
        let text = checkpoint().text().replacen("47", size, 1);
        assert_eq!(Checkpoint::parse(&text), Err(NoteError::Checkpoint), "{size}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_or_read_and_never_more(text in "\\PC*(\n\\PC*){0,6}\n?", at in any::<prop::sample::Index>()) {
        let _no_panic = (key().verifier().open(&text), Checkpoint::parse(&text), NoteKey::parse(&text).is_ok());
        let note = checkpoint().signed(&[&key()]);
        let mut bytes = note.clone().into_bytes();
        let spoilt = at.index(bytes.len());
        bytes[spoilt] ^= 1;
        if let Ok(spoilt) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::open(&spoilt, &key().verifier()).is_err(), "{}", spoilt);
        }
    }
}
