//! Who answers for what (RACI): the activities, and the function of service management that each belongs to.

words! {
    /// What Wardroom itself asks people to do, so that each entry has an effect: one at least for each of the four functions
    /// that an incident touches.
    Activity {
        Command = "command", "leading incidents";
        Communicate = "communicate", "telling stakeholders";
        Approve = "approve", "approving changes";
        Implement = "implement", "carrying out changes";
        Review = "review", "looking back on emergencies";
    }
}

words! {
    /// The functions of IT service management.
    ServiceFunction {
        Incident = "incident", "incident management";
        Change = "change", "change management";
        Problem = "problem", "problem management";
        ServiceDesk = "service_desk", "the service desk";
    }
}

impl Activity {
    pub fn function(self) -> ServiceFunction {
        match self {
            Activity::Command => ServiceFunction::Incident,
            Activity::Communicate => ServiceFunction::ServiceDesk,
            Activity::Approve | Activity::Implement => ServiceFunction::Change,
            Activity::Review => ServiceFunction::Problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_an_activity() {
        for function in ServiceFunction::ALL {
            assert!(Activity::ALL.iter().any(|activity| activity.function() == function), "{function}");
        }
    }
}
