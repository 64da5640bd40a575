//! What a change may claim that only somebody else can say.

words! {
    ClaimKind {
        /// Rule 4.8, rows 3 and 8: exploited now, or about to fail. The security lead says whether.
        Exploit = "exploit", "an exploit";
        /// It harms nobody who fights for its service. The incident's commander says whether.
        Clearance = "clearance", "clearance";
    }
}

words! {
    /// How far a claim is. Silence never confirms one.
    ClaimState {
        Open = "open", "waits for a word";
        Confirmed = "confirmed", "confirmed";
        Denied = "denied", "denied";
    }
}
