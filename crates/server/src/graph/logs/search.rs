//! Pages of a log: what of a filter an index can answer is asked of the database; the rest is looked at record by record, a
//! bounded number for each request, and the next one goes on from there.

use std::future::Future;

use policy::model::{RecordId, Timestamp};
use serde_json::{Map, Value};
use store::log_search::Stretch;

use crate::graph::odata::{
    Collection, Expression, Operator, Options, QueryRefusal, Test, Value as Wanted, conjunction,
};
use crate::graph::values::members;
use crate::graph::{Answer, GraphRefusal, Request};

/// Records of one read, behind the first.
const PORTION: u32 = 500;
/// Records that one request looks at.
const LOOKED_AT: usize = 10_000;
/// Values of one field that are looked up one by one.
const VALUES: usize = 20;

/// A question to a log.
pub struct Question<B> {
    /// What the records have in common; one of these.
    pub by: Vec<B>,
    /// Within this time, from this end.
    pub stretch: Stretch,
}

/// What can be said of a filter to an index.
pub struct Narrow {
    /// The tests that all have to hold, as far as they are that simple.
    tests: Vec<Test>,
    /// The parts that are not.
    others: Vec<Expression>,
}

impl Narrow {
    /// Of a filter.
    pub fn of(filter: Option<&Expression>) -> Self {
        let mut narrow = Self {
            tests: Vec::new(),
            others: Vec::new(),
        };
        if let Some(filter) = filter {
            narrow.take(filter);
        }
        narrow
    }

    fn take(&mut self, filter: &Expression) {
        match (filter, conjunction(filter)) {
            (_, Ok(tests)) => self.tests.extend(tests),
            (Expression::All(parts), Err(_)) => parts.iter().for_each(|part| self.take(part)),
            (other, Err(_)) => self.others.push(other.clone()),
        }
    }

    /// The first of `fields` that has to be one of a few values, with what `by` makes of them.
    pub fn first<B>(
        &self,
        fields: &[&str],
        by: impl Fn(&str, &Wanted) -> Option<B>,
    ) -> Option<Vec<B>> {
        fields.iter().find_map(|field| {
            self.tests.iter().find_map(|test| match test {
                Test::OneOf(path, values) if path == field && values.len() <= VALUES => {
                    values.iter().map(|value| by(field, value)).collect()
                }
                _ => None,
            })
        })
    }

    /// Whether `field` has to be something else than 0.
    pub fn is_not_zero(&self, field: &str) -> bool {
        let zero = Wanted::Number(0.0);
        self.tests.iter().any(|test| {
            matches!(test, Test::Compares(path, Operator::Greater, value) if *path == field && *value == zero)
        }) || self.others.iter().any(|part| {
            matches!(part, Expression::Compare(one, Operator::NotEqual, value) if one.path == field && *value == zero)
        })
    }

    /// From when to when `field` has to be.
    pub fn time(&self, field: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let (mut from, mut to) = (None, None);
        for test in self.tests.iter().filter(|test| test.field() == field) {
            let (least, most) = match test {
                Test::Compares(_, Operator::Greater | Operator::AtLeast, Wanted::Moment(at)) => {
                    (Some(*at), None)
                }
                Test::Compares(_, Operator::Less | Operator::AtMost, Wanted::Moment(at)) => {
                    (None, Some(*at))
                }
                Test::OneOf(_, values) => match values.as_slice() {
                    [Wanted::Moment(at)] => (Some(*at), Some(*at)),
                    _ => (None, None),
                },
                _ => (None, None),
            };
            from = from.max(least);
            to = [to, most].into_iter().flatten().min();
        }
        (from, to)
    }
}

/// What a request asks of a log whose records happen at `moment`.
pub fn options(request: &Request, collection: &Collection) -> Result<Options, GraphRefusal> {
    let options = request.options(collection)?;
    if options.count {
        // Counting would read the log from end to end.
        return Err(QueryRefusal::NotHere("$count").into());
    }
    Ok(options)
}

/// The stretch that a request asks for: the newest first, unless it says otherwise.
pub fn stretch(options: &Options, narrow: &Narrow, moment: &str) -> Result<Stretch, GraphRefusal> {
    let after = match &options.skip_token {
        Some(token) => Some(token.parse().map_err(|_| QueryRefusal::BadToken)?),
        None => None,
    };
    let (from, to) = narrow.time(moment);
    Ok(Stretch {
        from,
        to,
        after,
        oldest_first: options.order.first().is_some_and(|step| !step.descending),
        limit: 0,
    })
}

/// The answer: what `read` finds, as `row` writes it, as far as the filter is true of it.
pub async fn answer<R, F>(
    request: &Request,
    (options, collection): (&Options, &Collection),
    context: &str,
    stretch: Stretch,
    read: impl Fn(Stretch) -> F,
    row: impl Fn(&R) -> (RecordId, Map<String, Value>),
) -> Result<Answer, GraphRefusal>
where
    F: Future<Output = Result<Vec<R>, GraphRefusal>>,
{
    let size = options.page(collection);
    let (rows, next) = page(options, size, stretch, read, row).await?;
    let next = next.map(|at| request.next_link(&at.to_string()));
    Ok(Answer::list(request, context, rows, None, next))
}

/// The answer for one record, which `read` finds, as `row` writes it.
pub async fn one<R, F>(
    request: &Request,
    collection: &Collection,
    context: &str,
    read: impl FnOnce(Stretch) -> F,
    row: impl FnOnce(&R) -> Map<String, Value>,
) -> Result<Answer, GraphRefusal>
where
    F: Future<Output = Result<Vec<R>, GraphRefusal>>,
{
    let options = request.options(collection)?;
    let one = Stretch {
        limit: 1,
        ..Stretch::default()
    };
    let found = read(one).await?;
    let record = found.first().ok_or(GraphRefusal::NotFound)?;
    let row = options.selected(Value::Object(row(record)));
    let context = format!("{context}/$entity");
    Ok(Answer::object(request, &context, members(row)))
}

/// The rows of a page, and behind which record the next one begins.
async fn page<R, F>(
    options: &Options,
    size: u32,
    mut stretch: Stretch,
    read: impl Fn(Stretch) -> F,
    row: impl Fn(&R) -> (RecordId, Map<String, Value>),
) -> Result<(Vec<Map<String, Value>>, Option<RecordId>), GraphRefusal>
where
    F: Future<Output = Result<Vec<R>, GraphRefusal>>,
{
    let full = usize::try_from(size).unwrap_or(usize::MAX);
    // One more than the page, which says whether there is another one.
    stretch.limit = size.saturating_add(1);
    let (mut rows, mut looked_at, mut more) = (Vec::new(), 0, true);
    'portions: while more && looked_at < LOOKED_AT {
        let portion = read(stretch).await?;
        more = portion.len() >= usize::try_from(stretch.limit).unwrap_or(usize::MAX);
        looked_at += portion.len();
        for record in &portion {
            if rows.len() == full {
                more = true;
                break 'portions;
            }
            let (id, row) = row(record);
            stretch.after = Some(id);
            let row = Value::Object(row);
            let filter = options.filter.as_ref();
            if filter.is_none_or(|filter| filter.holds(&row)) {
                rows.push(members(options.selected(row)));
            }
        }
        stretch.limit = PORTION;
    }
    Ok((rows, stretch.after.filter(|_| more)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;
    use crate::graph::odata::{Field, Kind};

    const LOG: Collection = Collection::small(
        &[
            Field::new("at", Kind::Moment),
            Field::new("user", Kind::Text),
            Field::new("code", Kind::Number),
        ],
        &["at"],
    );

    fn narrow(filter: &str) -> Narrow {
        Narrow::of(Some(&Expression::parse(filter, &LOG).unwrap()))
    }

    fn users(filter: &str) -> Option<Vec<String>> {
        narrow(filter).first(&["user"], |_, value| match value {
            Wanted::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    #[test]
    fn an_index_is_asked_for_what_has_to_hold_in_any_case() {
        let ada = Some(vec!["ada".to_owned()]);
        assert_eq!(users("user eq 'ada'"), ada);
        assert_eq!(
            users("code ne 1 and user eq 'ada' and not (code eq 2)"),
            ada
        );
        assert_eq!(users("code ne 1 and (code ne 2 and user eq 'ada')"), ada);
        assert_eq!(
            users("user in ('ada','bob')"),
            Some(vec!["ada".to_owned(), "bob".to_owned()])
        );
        assert_eq!(users("user eq 'ada' or code eq 1"), None);
        assert_eq!(users("not (user eq 'ada')"), None);
        let many: Vec<_> = (0..=VALUES).map(|number| format!("'{number}'")).collect();
        assert_eq!(users(&format!("user in ({})", many.join(","))), None);
    }

    #[test]
    fn times_are_narrowed_from_both_sides() {
        let day = |day: i64| Some(Timestamp::from_seconds((20_000 + day) * 86_400));
        let found = narrow("at ge 2024-10-04 and at le 2024-10-07 and at gt 2024-10-05");
        assert_eq!(found.time("at"), (day(1), day(3)));
        assert_eq!(narrow("at eq 2024-10-04").time("at"), (day(0), day(0)));
        assert_eq!(narrow("not (at ge 2024-10-04)").time("at"), (None, None));
        assert_eq!(
            narrow("at ge 2024-10-04 or code eq 1").time("at"),
            (None, None)
        );
    }

    #[test]
    fn what_failed_is_what_has_another_code_than_zero() {
        assert!(narrow("code ne 0").is_not_zero("code"));
        assert!(narrow("user eq 'ada' and code gt 0").is_not_zero("code"));
        assert!(!narrow("code ne 1").is_not_zero("code"));
        assert!(!narrow("code ne 0 or user eq 'ada'").is_not_zero("code"));
    }

    /// A log of this many records, of which one in a hundred has code 0.
    async fn pages(records: u128, filter: &str, size: u32) -> (Vec<usize>, usize) {
        let query = [("$filter".to_owned(), filter.to_owned())];
        let options = Options::of(&query, &LOG).unwrap();
        let read = async |stretch: Stretch| {
            let from = stretch.after.map_or(0, |id| id.uuid().as_u128() + 1);
            let until = records.min(from + u128::from(stretch.limit));
            Ok((from..until).collect::<Vec<u128>>())
        };
        let row = |number: &u128| {
            let row = serde_json::json!({"code": u64::try_from(number % 100).unwrap()});
            let id = RecordId::from(uuid::Uuid::from_u128(*number));
            (id, crate::graph::values::members(row))
        };
        let (mut stretch, mut sizes) = (Stretch::default(), Vec::new());
        loop {
            let (rows, next) = page(&options, size, stretch, read, row).await.unwrap();
            sizes.push(rows.len());
            match next {
                Some(next) => stretch.after = Some(next),
                None => break,
            }
        }
        let all = sizes.iter().sum();
        (sizes, all)
    }

    #[tokio::test]
    async fn a_page_looks_at_a_bounded_number_of_records_and_the_next_goes_on() {
        assert_eq!(pages(250, "code lt 100", 100).await.0, [100, 100, 50]);
        assert_eq!(pages(200, "code lt 100", 100).await.0, [100, 100]);
        assert_eq!(pages(0, "code lt 100", 100).await.0, [0]);
        assert_eq!(pages(1_000, "code eq 0", 3).await, (vec![3, 3, 3, 1], 10));
        let (sizes, all) = pages(25_000, "code eq 100", 50).await;
        assert_eq!((sizes.len(), all), (3, 0));
        let (sizes, all) = pages(25_000, "code eq 0", 200).await;
        assert_eq!((sizes.len(), all), (3, 250));
    }
}
