#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed setup is a failed test"
)]
use serde_json::{Value as Json, json};

use super::*;

const FIELDS: &[Field] = &[
    Field::new("id", Kind::Guid),
    Field::new("displayName", Kind::Text),
    Field::new("createdDateTime", Kind::Moment),
    Field::new("status/errorCode", Kind::Number),
    Field::new("isEnabled", Kind::Boolean),
    Field::new("tags[]", Kind::Text),
    Field::new("targets[]/id", Kind::Text),
    Field::new("targets[]/rank", Kind::Number),
];

const COLLECTION: Collection = Collection {
    expand: &["memberOf", "owners"],
    search: true,
    page: 2,
    most: 50,
    ..Collection::small(FIELDS, &["displayName", "createdDateTime"])
};

fn element() -> Json {
    json!({
        "id": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "displayName": "Jo O'Neil",
        "createdDateTime": "2026-11-22T10:00:00Z",
        "status": { "errorCode": 50126 },
        "isEnabled": true,
        "tags": ["One", "password, sms"],
        "targets": [{ "id": "a", "rank": 1 }, { "id": "b", "rank": 5 }],
    })
}

fn parse(text: &str) -> Result<Expression, QueryRefusal> {
    Expression::parse(text, &COLLECTION)
}

fn holds(text: &str) -> bool {
    parse(text).unwrap().holds(&element())
}

fn options(query: &str) -> Result<Options, QueryRefusal> {
    Options::parse(query, &COLLECTION)
}

#[test]
fn what_is_true_of_an_element() {
    for text in [
        "displayName eq 'jo o''neil'",
        "displayName ne 'Jo'",
        "startswith(displayName,'jo o''') and endsWith(displayName, 'Neil')",
        "contains(displayName,'NEIL')",
        "status/errorCode eq 50126",
        "status/errorCode gt 50125.5 and status/errorCode lt 50127",
        "status/errorCode ge 50126 and status/errorCode le 50126",
        "status/errorCode in (1, 50126)",
        "id eq 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "id eq '6f9619ff-8b86-d011-b42d-00cf4fc964ff'",
        "createdDateTime ge 2026-11-22",
        "createdDateTime lt 2026-11-22T12:00:01+02:00 and createdDateTime ge 2026-11-22T12:00:00+02:00",
        "isEnabled",
        "isEnabled eq true and not (displayName eq 'x')",
        "displayName eq 'x' or isEnabled",
        "tags/any()",
        "tags/any(t:t eq 'one')",
        "tags/any(x: x has 'SMS,password')",
        "tags/any(x:x has microsoft.graph.authenticationMethodModes'sms, password')",
        "targets/any(t : t/id eq 'b' and t/rank gt 4)",
        "targets/all(t:t/rank ge 1)",
        "targets/any(t:startswith(t/id,'b'))",
        "DisplayName eq 'Jo O''Neil' AND ISENABLED",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn what_is_not() {
    for text in [
        "displayName eq null",
        "not isEnabled",
        "targets/any(t:t/id eq 'a' and t/rank eq 5)",
        "targets/all(t:t/rank gt 1)",
        "tags/any(t:t has 'sms,voice')",
        "status/errorCode eq 0 or displayName eq 'Jo' and isEnabled",
        "createdDateTime gt 2026-11-22T10:00:00Z",
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or() {
    assert!(holds("isEnabled or isEnabled and displayName eq 'x'"));
    assert!(!holds("(isEnabled or isEnabled) and displayName eq 'x'"));
}

#[test]
fn an_unknown_field_says_which_are_allowed() {
    let refusal = parse("userId eq 'x'").unwrap_err();
    assert_eq!(refusal.code(), "query_unknown_field");
    let said = refusal.to_string();
    assert!(
        said.contains("'userId'")
            && said.contains("displayName")
            && said.contains("status/errorCode"),
        "{said}"
    );
}

#[test]
fn wrong_kinds_name_the_field_and_what_it_expects() {
    for (text, field) in [
        ("displayName eq 5", "displayName"),
        ("displayName eq Jo", "displayName"),
        ("status/errorCode eq '5'", "status/errorCode"),
        ("status/errorCode eq NaN", "status/errorCode"),
        ("isEnabled eq 'true'", "isEnabled"),
        ("id eq 'x'", "id"),
        ("createdDateTime ge yesterday", "createdDateTime"),
        ("createdDateTime ge 2026-13-01", "createdDateTime"),
        ("contains(status/errorCode,'5')", "status/errorCode"),
    ] {
        let refusal = parse(text).unwrap_err();
        assert_eq!(refusal.code(), "query_wrong_kind", "{text}");
        assert!(refusal.to_string().contains(field), "{refusal}");
    }
}

#[test]
fn text_that_cannot_be_read_says_where() {
    for (text, at) in [
        ("", 0),
        ("displayName", 11),
        ("displayName eq", 14),
        ("displayName eq 'x", 15),
        ("displayName like 'x'", 12),
        ("(displayName eq 'x'", 19),
        ("displayName eq 'x')", 18),
        ("displayName eq 'x' 'y'", 19),
        ("displayName in ()", 16),
        ("displayName in ('a' 'b')", 20),
        ("tags/any(t)", 10),
        ("displayName eq \"x\"", 15),
        ("and", 3),
    ] {
        match parse(text).unwrap_err() {
            QueryRefusal::Malformed("$filter", _, found) => assert_eq!(found, at, "{text}"),
            QueryRefusal::UnknownField(..) if text == "and" => {}
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_not_supported_is_refused() {
    for text in [
        "tolower(displayName) eq 'x'",
        "status/errorCode has 'x'",
        "displayName gt null",
        "targets/any(t:t/id eq 'a' and tags/any(x:x eq 'y'))",
    ] {
        let refusal = parse(text).unwrap_err();
        assert_eq!(refusal.code(), "query_unsupported", "{text}");
    }
    let outside = parse("targets/any(t:displayName eq 'a')").unwrap_err();
    assert_eq!(outside.code(), "query_unknown_field");
    assert_eq!(
        parse("owners/any(t:t/id eq 'a')").unwrap_err().code(),
        "query_unknown_field"
    );
}

#[test]
fn an_expression_is_bounded_in_depth_length_and_count() {
    let deep = |levels: usize| format!("{}isEnabled{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&deep(11)).is_ok());
    assert_eq!(
        parse(&deep(12)).unwrap_err(),
        QueryRefusal::TooDeep("$filter")
    );
    assert_eq!(
        parse(&format!("{}isEnabled", "not ".repeat(400))).unwrap_err(),
        QueryRefusal::TooDeep("$filter")
    );
    let many = |count: usize| vec!["isEnabled"; count].join(" or ");
    assert!(parse(&many(100)).is_ok());
    assert_eq!(
        parse(&many(101)).unwrap_err(),
        QueryRefusal::TooMany("$filter")
    );
    let list = vec!["1"; 101].join(",");
    assert_eq!(
        parse(&format!("status/errorCode in ({list})")).unwrap_err(),
        QueryRefusal::TooMany("$filter")
    );
    let long = format!("displayName eq '{}'", "x".repeat(4096));
    assert_eq!(parse(&long).unwrap_err(), QueryRefusal::TooLong("$filter"));
}

#[test]
fn every_option_is_read() {
    let read = options(
        "%24filter=startswith(displayName%2C'O''Neil')&$select=id,%20displayName&$orderby=createdDateTime%20desc,displayName\
         &$top=7&$skip=3&$count=true&$search=%22displayName:al%22&$expand=memberOf($select=id,displayName)&@p=5&$format=json",
    )
    .unwrap();
    assert!(
        matches!(&read.filter, Some(Expression::Call(Function::StartsWith, _, text)) if text == "O'Neil")
    );
    assert_eq!(read.select, ["id", "displayName"]);
    assert_eq!(
        read.order
            .iter()
            .map(|step| (step.field, step.descending))
            .collect::<Vec<_>>(),
        [("createdDateTime", true), ("displayName", false)]
    );
    assert_eq!((read.top, read.skip, read.count), (Some(7), 3, true));
    assert_eq!(read.search.as_deref(), Some("displayName:al"));
    assert_eq!(read.expand, ["memberOf"]);
}

#[test]
fn an_option_without_its_dollar_is_not_left_out() {
    let read = options("filter=isEnabled&TOP=3").unwrap();
    assert!(read.filter.is_some());
    assert_eq!(read.top, Some(3));
    assert_eq!(
        options("filter=isEnabled&$filter=isEnabled"),
        Err(QueryRefusal::Repeated("$filter"))
    );
}

#[test]
fn options_that_make_no_sense_are_refused_by_name() {
    for (query, code, word) in [
        ("$frobnicate=1", "query_unknown_option", "$frobnicate"),
        ("$apply=x", "query_unknown_option", "$apply"),
        ("$top=5&$top=6", "query_repeated_option", "$top"),
        ("$top=0", "query_out_of_range", "$top"),
        ("$top=51", "query_out_of_range", "$top"),
        ("$top=-1", "query_out_of_range", "$top"),
        ("$top=%2B5", "query_out_of_range", "$top"),
        ("$top=", "query_out_of_range", "$top"),
        ("$top=99999999999999999999", "query_out_of_range", "$top"),
        ("$skip=100001", "query_out_of_range", "$skip"),
        ("$count=yes", "query_malformed", "$count"),
        ("$orderby=color", "query_unknown_field", "displayName"),
        ("$orderby=displayName%20up", "query_malformed", "$orderby"),
        ("$expand=manager", "query_unknown_field", "memberOf"),
        (
            "$expand=memberOf($expand=owners)",
            "query_too_deep",
            "$expand",
        ),
        ("$expand=memberOf($select=id", "query_malformed", "$expand"),
        ("$select=", "query_malformed", "$select"),
        ("$select=id;drop", "query_malformed", "$select"),
        ("$search=%22%22", "query_malformed", "$search"),
        ("$format=xml", "query_option_not_here", "$format"),
        ("$filter=%ff", "query_bad_encoding", "UTF-8"),
        ("$filter=%4", "query_bad_encoding", "UTF-8"),
    ] {
        let refusal = options(query).unwrap_err();
        assert_eq!(refusal.code(), code, "{query}");
        assert!(refusal.to_string().contains(word), "{refusal}");
    }
    let long = format!("x={}", "a".repeat(9000));
    assert_eq!(options(&long).unwrap_err().code(), "query_too_long");
    let many = format!("$select={}", vec!["a"; 101].join(","));
    assert_eq!(
        options(&many).unwrap_err(),
        QueryRefusal::TooMany("$select")
    );
    let logs = Collection {
        skip: false,
        search: false,
        ..COLLECTION
    };
    assert_eq!(
        Options::parse("$skip=1", &logs),
        Err(QueryRefusal::NotHere("$skip"))
    );
    assert_eq!(
        Options::parse("$search=a", &logs),
        Err(QueryRefusal::NotHere("$search"))
    );
}

fn people() -> Vec<Json> {
    ["Cem", "ana", "Bo", "Dee", "Eva"]
        .iter()
        .map(|name| json!({ "displayName": name, "isEnabled": *name != "Bo", "@odata.type": "#t", "n": 1 }))
        .collect()
}

fn names(paged: &Paged) -> Vec<&str> {
    paged
        .elements
        .iter()
        .map(|one| one["displayName"].as_str().unwrap())
        .collect()
}

#[test]
fn pages_follow_one_another_until_the_end() {
    let query = "$filter=isEnabled&$orderby=displayName&$count=true&$top=2";
    let first = options(query)
        .unwrap()
        .apply(people(), &COLLECTION)
        .unwrap();
    assert_eq!((names(&first), first.count), (vec!["ana", "Cem"], Some(4)));
    let link = next_link("https://localhost/v1.0/things", query, &first.next.unwrap());
    assert_eq!(
        link,
        "https://localhost/v1.0/things?$filter=isEnabled&$orderby=displayName&$count=true&$top=2&$skiptoken=2"
    );
    let (_, query) = link.split_once('?').unwrap();
    let second = options(query)
        .unwrap()
        .apply(people(), &COLLECTION)
        .unwrap();
    assert_eq!((names(&second), &second.next), (vec!["Dee", "Eva"], &None));
    let bad = options("$skiptoken=x")
        .unwrap()
        .apply(people(), &COLLECTION);
    assert_eq!(bad, Err(QueryRefusal::BadToken));
    let behind = options("$skiptoken=4000000000")
        .unwrap()
        .apply(people(), &COLLECTION)
        .unwrap();
    assert_eq!(names(&behind), Vec::<&str>::new());
}

#[test]
fn selected_members_and_the_type_are_left() {
    let found = options("$select=DisplayName&$search=ev")
        .unwrap()
        .apply(people(), &COLLECTION)
        .unwrap();
    assert_eq!(
        found.elements,
        [json!({ "displayName": "Eva", "@odata.type": "#t" })]
    );
}

#[test]
fn a_conjunction_becomes_tests() {
    let tests = |text: &str| conjunction(&parse(text).unwrap());
    let asked = tests(
        "isEnabled and (status/errorCode eq 1 or status/errorCode in (2,3)) and createdDateTime ge 2026-01-01 \
        and startswith(displayName,'a') and tags/any(t:t eq 'x' or t eq 'y')",
    );
    let asked = asked.unwrap();
    assert_eq!(
        asked.iter().map(Test::field).collect::<Vec<_>>(),
        [
            "isEnabled",
            "status/errorCode",
            "createdDateTime",
            "displayName",
            "tags[]"
        ]
    );
    assert_eq!(
        asked[1],
        Test::OneOf(
            "status/errorCode",
            vec![Value::Number(1.0), Value::Number(2.0), Value::Number(3.0)]
        )
    );
    assert_eq!(
        asked[4],
        Test::OneOf(
            "tags[]",
            vec![Value::Text("x".into()), Value::Text("y".into())]
        )
    );
}

#[test]
fn what_no_index_serves_is_refused() {
    for text in [
        "displayName ne 'a'",
        "not isEnabled",
        "contains(displayName,'a')",
        "displayName eq null",
        "displayName in ('a', null)",
        "displayName eq 'a' or isEnabled",
        "createdDateTime ge 2026-01-01 or createdDateTime ge 2026-02-01",
        "tags/all(t:t eq 'a')",
        "tags/any()",
        "targets/any(t:t/id eq 'a' and t/rank eq 1)",
        "tags/any(t:t has 'a')",
    ] {
        let refusal = conjunction(&parse(text).unwrap()).unwrap_err();
        assert_eq!(refusal.code(), "query_unsupported", "{text}");
    }
}
