//! Figures of subscriptions: active, new, churned, and what they bring in a month.

use crate::documents::{List, page};
use crate::orders::json_of;
use crate::paging::{LIMIT_MAX, Page};
use crate::search::moment;
use crate::{Call, Reply};
use ordermill_domain::figures::Figures;
use ordermill_domain::subscription::Subscription;
use ordermill_domain::time::Seconds;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_views::subscription::FiguresView;

/// The span where nobody says.
const SPAN_DEFAULT: Seconds = Seconds::days(30);
/// Pages of subscriptions that one request reads; the answer says where there are more.
const PAGES_MAX: usize = 100;

/// `GET /v1/subscriptions/figures`: of those the caller may know of, over a span (the last 30 days).
pub(crate) async fn figures(call: &Call<'_>, list: List) -> Reply {
    let now = call.runtime.clock.now();
    let to = call.query("to").map(moment("to")).transpose()?.unwrap_or(now);
    let from = call.query("from").map(moment("from")).transpose()?;
    let from = from.unwrap_or_else(|| to.minus(SPAN_DEFAULT));
    if from >= to {
        let detail = "`from` must be before `to`.";
        return Err(ErrorAnswer::new(400, "parameter_invalid", detail));
    }
    let mut figures = Figures::default();
    let mut asked = Page::all(call, LIMIT_MAX)?;
    let mut complete = false;
    for _ in 0..PAGES_MAX {
        let found = page::<Subscription>(call, list, &asked).await?;
        for subscription in &found.documents {
            if call.caller()?.may_see(&subscription.client) {
                figures.add(subscription, (from, to), now);
            }
        }
        complete = found.next.is_none();
        if complete {
            break;
        }
        asked.after = found.next;
    }
    Ok(Answer::json(200, json_of(&FiguresView::new(&figures, (from, to), complete))))
}
