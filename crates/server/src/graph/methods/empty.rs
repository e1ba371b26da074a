//! Kinds of methods that do not exist here: nobody has one, and programs that ask for all of them find none.

use policy::scopes::Operation;

use crate::graph::table::{Route, Verb};
use crate::graph::{Answer, GraphRefusal, Request};
use crate::graph_handler;

pub const fn kind(path: &'static str, summary: &'static str) -> Route {
    Route::new(
        Verb::Get,
        path,
        Operation::ReadMethods,
        summary,
        graph_handler!(list),
    )
    .own(Operation::ReadOwnMethods)
}

async fn list(request: Request) -> Result<Answer, GraphRefusal> {
    super::list::may_read(&request)?;
    let kind = request.path.rsplit('/').find(|part| !part.is_empty());
    let context = super::views::context(&request, kind.unwrap_or_default())?;
    Ok(Answer::list(&request, &context, Vec::new(), None, None))
}
