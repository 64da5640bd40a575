//! What the failure of one change of a batch stops.

words! {
    BatchStop {
        All = "all", "the whole batch stops";
        Group = "group", "only its group stops, the others go on";
    }
}
