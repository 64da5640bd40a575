//! The list that a batch is asked for with: typed, an item a line, or pasted as CSV.

use super::csv::{self, CsvRecord};

/// The greatest number that a group may have; a list has no more than that many worth telling apart.
pub const GROUP_MAX: u8 = 99;
/// Faults of a list that are told at once; whoever mends them sees whether there are others.
const FAULTS_TOLD: usize = 3;

/// An item as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedItem {
    /// Groups run one after another, by number.
    pub group: u8,
    /// As typed; the main one, and what it touches besides.
    pub service: String,
    pub also: Vec<String>,
    pub what: String,
}

/// The items of a list, in the order in which they run. An item that names no group is of the group of the one before it;
/// the first is of group 1.
///
/// # Errors
/// What is wrong, with the lines, in sentences for whoever typed it.
pub fn read_items(list: &str) -> Result<Vec<ListedItem>, String> {
    let read = match separator_of(list) {
        Some(separator) => from_csv(list, separator),
        None => from_lines(list),
    };
    let mut items = read.map_err(|faults| told(&faults))?;
    items.sort_by_key(|item| item.group);
    Ok(items)
}

fn told(faults: &[String]) -> String {
    let more = faults.len().saturating_sub(FAULTS_TOLD);
    let told = faults.iter().take(FAULTS_TOLD).cloned().collect::<Vec<_>>().join(" ");
    if more > 0 { format!("{told} And {more} more.") } else { told }
}

/// What stands between the cells, where the list begins with a header.
fn separator_of(list: &str) -> Option<char> {
    let header = list.trim_start_matches('\u{feff}').trim_start().lines().next()?;
    [',', ';', '\t'].into_iter().find(|separator| {
        let mut cells = header.split(*separator).map(bare);
        let first = cells.next().unwrap_or_default();
        let is_after = |name: &str| header.split(*separator).skip(1).any(|cell| bare(cell) == name);
        let (begins, has_others) = (first == "service", header.contains(*separator));
        has_others && (begins || (is_after("service") && matches!(first.as_str(), "what" | "group")))
    })
}

fn bare(cell: &str) -> String {
    cell.trim().trim_matches(['"', '“', '”']).trim().to_lowercase()
}

/// One a line, or between semicolons: the service first, or several with commas and no space between; then what is done.
fn from_lines(list: &str) -> Result<Vec<ListedItem>, Vec<String>> {
    let (mut items, mut faults, mut group) = (Vec::new(), Vec::new(), 1);
    let lines = list.split(['\n', ';']).map(|line| line.trim().trim_start_matches(['-', '•', '*']).trim_start());
    for line in lines {
        let (named, line) = group_before(line);
        match named.map(group_of) {
            None => {}
            Some(Some(number)) => group = number,
            Some(None) => faults.push(no_group(named.unwrap_or_default())),
        }
        if line.is_empty() {
            continue;
        }
        let (services, what) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let (service, also) = services_in(services.trim_end_matches([':', ',']));
        items.push(ListedItem {
            group,
            service,
            also,
            what: what.trim_start_matches([',', ':', ' ']).trim().to_owned(),
        });
    }
    if faults.is_empty() { Ok(items) } else { Err(faults) }
}

/// `payments,ledger`: the main one, and the others.
fn services_in(word: &str) -> (String, Vec<String>) {
    let mut services = word.split(',').map(str::trim).filter(|service| !service.is_empty()).map(str::to_owned);
    (services.next().unwrap_or_default(), services.collect())
}

/// `group 2: payments rotate the key`: the number, and what follows.
fn group_before(line: &str) -> (Option<&str>, &str) {
    let named = line.split_once(':').and_then(|(before, after)| {
        let word = before.get(.."group".len())?;
        let number = before["group".len()..].trim();
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (word.eq_ignore_ascii_case("group") && is_number).then(|| (number, after.trim_start()))
    });
    match named {
        Some((number, after)) => (Some(number), after),
        None => (None, line),
    }
}

fn group_of(word: &str) -> Option<u8> {
    word.parse().ok().filter(|number| (1..=GROUP_MAX).contains(number))
}

fn no_group(word: &str) -> String {
    format!("“{word}” is no group: a number from 1 to {GROUP_MAX}.")
}

/// Where the cells of a record are.
struct Columns {
    service: usize,
    what: usize,
    group: Option<usize>,
    many: usize,
}

fn from_csv(list: &str, separator: char) -> Result<Vec<ListedItem>, Vec<String>> {
    let records = csv::read(list, separator).map_err(|error| vec![format!("Line {}: {}.", error.line, error.what)])?;
    let Some((header, records)) = records.split_first() else { return Ok(Vec::new()) };
    let columns = columns(header).map_err(|fault| vec![fault])?;
    let (mut items, mut faults, mut group) = (Vec::new(), Vec::new(), 1);
    for record in records {
        match item(record, &columns, group) {
            Ok(item) => {
                group = item.group;
                items.push(item);
            }
            Err(fault) => faults.push(format!("Line {}: {fault}", record.line)),
        }
    }
    if faults.is_empty() { Ok(items) } else { Err(faults) }
}

fn columns(header: &CsvRecord) -> Result<Columns, String> {
    let names: Vec<String> = header.cells.iter().map(|cell| bare(cell)).collect();
    let line = header.line;
    for (place, name) in names.iter().enumerate() {
        if !["service", "what", "group"].contains(&name.as_str()) {
            return Err(format!(
                "Line {line}: “{name}” is no column; there are service, what and group. Each item has a line of its own, \
                 which a form keeps."
            ));
        }
        if names[..place].contains(name) {
            return Err(format!("Line {line}: the column {name} is there twice."));
        }
    }
    let at = |name: &str| names.iter().position(|own| own == name);
    match (at("service"), at("what")) {
        (Some(service), Some(what)) => Ok(Columns { service, what, group: at("group"), many: names.len() }),
        _ => Err(format!("Line {line}: a list needs the columns service and what, and may have group.")),
    }
}

fn item(record: &CsvRecord, columns: &Columns, before: u8) -> Result<ListedItem, String> {
    let many = record.cells.len();
    if many != columns.many {
        let (cells, expected) = (if many == 1 { "cell" } else { "cells" }, columns.many);
        return Err(format!("{many} {cells}, the header has {expected}; a text with a comma in it stands in quotes."));
    }
    let cell = |place: usize| record.cells[place].split_whitespace().collect::<Vec<_>>().join(" ");
    let group = match columns.group.map(cell).filter(|word| !word.is_empty()) {
        None => before,
        Some(word) => {
            let number = word.strip_prefix("group").or_else(|| word.strip_prefix("Group")).unwrap_or(&word);
            group_of(number.trim()).ok_or_else(|| no_group(&word))?
        }
    };
    let (service, also) = services_in(&cell(columns.service));
    if service.is_empty() {
        return Err("it names no service.".to_owned());
    }
    Ok(ListedItem { group, service, also, what: cell(columns.what) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(group: u8, service: &str, what: &str) -> ListedItem {
        let (service, also) = services_in(service);
        ListedItem { group, service, also, what: what.to_owned() }
    }

    #[test]
    fn an_item_may_name_several_services() {
        let items = read_items("payments,ledger rotate the keys; search, rebuild the index\n- ledger,shop: move")
            .expect("it reads");
        assert_eq!((items[0].service.as_str(), items[0].also.clone()), ("payments", vec!["ledger".to_owned()]));
        assert_eq!(
            (items[1].service.as_str(), items[1].also.len(), items[1].what.as_str()),
            ("search", 0, "rebuild the index")
        );
        assert_eq!((items[2].also.clone(), items[2].what.as_str()), (vec!["shop".to_owned()], "move"));
        let csv =
            ["service,what\n\"payments, ledger\",rotate the keys", "what;service\nrotate the keys;payments,ledger"];
        for list in csv {
            assert_eq!(read_items(list), Ok(items[..1].to_vec()), "{list}");
        }
    }

    #[test]
    fn items_are_read_one_a_line_or_between_semicolons() {
        assert_eq!(
            read_items("payments rotate the key; ledger: vacuum\n- search, rebuild the index ;;\n\nnothing"),
            Ok(vec![
                item(1, "payments", "rotate the key"),
                item(1, "ledger", "vacuum"),
                item(1, "search", "rebuild the index"),
                item(1, "nothing", "")
            ])
        );
        assert_eq!(read_items(" ; \n"), Ok(vec![]));
        assert_eq!(
            read_items("service, please"),
            Err("Line 1: “please” is no column; there are service, what and group. \
            Each item has a line of its own, which a form keeps."
                .to_owned())
        );
    }

    #[test]
    fn a_group_holds_until_the_next_one_and_they_run_by_number() {
        assert_eq!(
            read_items("group 2: payments one; ledger two\nGroup 1:\n- search three; group2: payments four"),
            Ok(vec![
                item(1, "search", "three"),
                item(2, "payments", "one"),
                item(2, "ledger", "two"),
                item(2, "payments", "four")
            ])
        );
        assert_eq!(read_items("group payments: one"), Ok(vec![item(1, "group", "payments: one")]));
        assert_eq!(read_items("group 0: payments one"), Err("“0” is no group: a number from 1 to 99.".to_owned()));
        assert_eq!(read_items("grüße: one"), Ok(vec![item(1, "grüße", "one")]));
    }

    #[test]
    fn a_header_makes_it_csv() {
        let expected = Ok(vec![item(1, "payments", "rotate, then wait"), item(2, "ledger", "vacuum")]);
        for list in [
            "service,what,group\npayments,\"rotate, then wait\",1\nledger,vacuum,2",
            "what;Group;Service\nvacuum;2;ledger\n\"rotate, then\nwait\";1;payments\n;;",
            "service\twhat\tgroup\r\npayments\trotate, then wait\t\r\nledger\tvacuum\tgroup 2\r\n",
        ] {
            assert_eq!(read_items(list), expected, "{list}");
        }
        assert_eq!(read_items("service,what\npayments,"), Ok(vec![item(1, "payments", "")]), "it is told when checked");
        assert_eq!(read_items("service,what\n"), Ok(vec![]));
    }

    #[test]
    fn faults_of_a_csv_are_told_by_line() {
        let fault = |list: &str| read_items(list).expect_err("it cannot be read");
        assert_eq!(
            fault("service,what\npayments,one, two\n,three\nledger\npayments,four\n,"),
            "Line 2: 3 cells, the header has 2; a text with a comma in it stands in quotes. Line 3: it names no service. \
             Line 4: 1 cell, the header has 2; a text with a comma in it stands in quotes."
        );
        assert_eq!(fault("service,what,group\na,b,x\nc,d,0\ne,f,100\ng,h,y").split(" And ").last(), Some("1 more."));
        assert!(fault("service,what\na,\"b").starts_with("Line 2: a quotation mark"));
        assert!(fault("service,group\na,1").starts_with("Line 1: a list needs"));
        assert!(fault("service,what,what\na,b,c").ends_with("the column what is there twice."));
    }
}
