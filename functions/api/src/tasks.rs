//! `GET /v1/tasks`: what people have to do, and `GET /v1/tasks/next`: what who asks does next.
//!
//! Orders with work stand in a list of their own, by the moment at which the first of it is to be done
//! (`keys/work.rs`), so that nobody reads orders without any. A task is handed out by one conditional
//! write of its order: of two who ask at once, one finds that the order has moved, and looks again.

use crate::orders::json_of;
use crate::paging::Page;
use crate::search::moment;
use crate::{Call, Reply, too_busy};
use ordermill_domain::decide::feed::{Asker, choose};
use ordermill_domain::decide::{Command, Facts, decide};
use ordermill_domain::order::Order;
use ordermill_domain::order::desk::{Work, WorkKind};
use ordermill_domain::policy::Policy;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_runtime::walk::{ROWS_READ_MAX, Source, collect};
use ordermill_table::{TableError, keys};
use ordermill_views::task::TaskView;
use std::sync::Arc;

/// Orders that are looked at together for who asks what is next.
const ORDERS_AT_ONCE: usize = 100;

/// An order and the lifecycle it follows.
type Followed = (Order, Arc<Policy>);

/// Which tasks are asked for.
struct Filter<'a> {
    assignee: Option<&'a str>,
    code: Option<&'a str>,
    kind: Option<WorkKind>,
    due_before: Option<Timestamp>,
}

impl<'a> Filter<'a> {
    fn read(call: &'a Call<'_>) -> Result<Self, ErrorAnswer> {
        Ok(Self {
            assignee: call.query("assignee"),
            code: call.query("code"),
            kind: call.query("kind").map(kind).transpose()?,
            due_before: call.query("due_before").map(moment("due_before")).transpose()?,
        })
    }

    fn fits(&self, work: &Work<'_>) -> bool {
        self.assignee.is_none_or(|whose| work.assignee == Some(whose))
            && self.code.is_none_or(|code| work.code == code)
            && self.kind.is_none_or(|kind| work.kind == kind)
            && self.due_before.is_none_or(|before| work.due_at < before)
    }
}

fn kind(name: &str) -> Result<WorkKind, ErrorAnswer> {
    match name {
        "exception" => Ok(WorkKind::Exception),
        "call" => Ok(WorkKind::Call),
        "task" => Ok(WorkKind::Task),
        _ => {
            let detail = "`kind` is exception, call or task.";
            Err(ErrorAnswer::new(400, "parameter_invalid", detail))
        }
    }
}

/// Where a page ends: behind so many tasks of the order that follows this position.
struct Place {
    after: Option<String>,
    skip: usize,
}

impl Place {
    fn read(position: Option<&str>) -> Self {
        let (after, skip) = position.and_then(|text| text.rsplit_once('|')).unwrap_or_default();
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        Self { after, skip: skip.parse().unwrap_or_default() }
    }

    fn text(&self) -> String {
        format!("{}|{}", self.after.as_deref().unwrap_or_default(), self.skip)
    }
}

/// `GET /v1/tasks`: by their orders, the one whose first task is due earliest first.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let page = Page::read(call)?;
    let filter = Filter::read(call)?;
    let mut place = Place::read(page.after.as_deref());
    let source = Source::Work { before: filter.due_before };
    let wanted = |order: &Order| order.work().any(|work| filter.fits(&work));
    let after = place.after.clone();
    let (orders, more) = collect(call.runtime, &source, after, page.limit, wanted).await?;
    let now = call.runtime.clock.now();
    let zone = call.runtime.settings().await?.time_zone;
    let mut items = Vec::new();
    for order in &orders {
        let policy = call.runtime.policy_of(order).await?;
        let fitting: Vec<Work<'_>> = order.work().filter(|work| filter.fits(work)).collect();
        for work in fitting.iter().skip(place.skip) {
            if items.len() >= page.limit {
                return Ok(page.answer(call, items, Some(place.text())));
            }
            items.push(json_of(&TaskView::new(order, work, &policy, &zone, now)));
            place.skip = place.skip.saturating_add(1);
        }
        let at = order.work_due_at().map(|due| keys::owner_work(&order.id, due).1);
        place = Place { after: at.or(place.after), skip: 0 };
    }
    let next = more.map(|after| Place { after: Some(after), skip: 0 }.text());
    Ok(page.answer(call, items, next))
}

/// `GET /v1/tasks/next`: the task, which is the asker's alone from now on for a while; 204 where there
/// is none. Asked again, it is the same task until it is done.
pub(crate) async fn next(call: &Call<'_>) -> Reply {
    let settings = call.runtime.settings().await?;
    let asker = Asker {
        name: call.query("user").unwrap_or(&call.caller()?.client),
        kind: call.query("kind").map(kind).transpose()?,
        seller_zone: &settings.time_zone,
        now: call.runtime.clock.now(),
    };
    let mut after = None;
    let mut orders: Vec<Followed> = Vec::new();
    loop {
        let source = Source::Work { before: None };
        let (found, more) = collect(call.runtime, &source, after, ORDERS_AT_ONCE, |_| true).await?;
        for order in found {
            let policy = call.runtime.policy_of(&order).await?;
            orders.push((order, policy));
        }
        if let Some(answer) = hand_out(call, &asker, &mut orders).await? {
            return Ok(answer);
        }
        if more.is_none() || orders.len() >= ROWS_READ_MAX {
            return Ok(Answer::empty(204));
        }
        after = more;
    }
}

/// Hands out the best of these, unless others are quicker; none where nothing is offered.
async fn hand_out(
    call: &Call<'_>,
    asker: &Asker<'_>,
    orders: &mut [Followed],
) -> Result<Option<Answer>, ErrorAnswer> {
    for round in 0..MOVED_ROUNDS_MAX {
        let seen: Vec<(&Order, &Policy)> = orders.iter().map(|(o, p)| (o, p.as_ref())).collect();
        let Some(offer) = choose(&seen, asker) else { return Ok(None) };
        let Some((order, policy)) = orders.get_mut(offer.place) else { return Ok(None) };
        if offer.is_own {
            return Ok(Some(task_answer(order, &offer.task, policy, asker)));
        }
        let command = Command::Take {
            task: offer.task.clone(),
            by: asker.name.to_owned(),
            actor: call.caller()?.actor(),
        };
        let now = call.runtime.clock.now();
        let decision = decide(policy, order, &Facts::default(), &command, now)?;
        match call.runtime.table.commit(policy, Some(order), &decision, Vec::new()).await {
            Ok(()) => {
                let taken = decision.order;
                tracing::info!(order.id = taken.id, task = offer.task, "a task was handed out");
                return Ok(Some(task_answer(&taken, &offer.task, policy, asker)));
            }
            // Perhaps it was written after all: the order read again says whose the task is.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        call.runtime.pause(round).await;
        match call.runtime.table.order(&order.id).await? {
            Some(partition) => *order = partition.stored.order,
            // It was deleted; so is its work.
            None => {
                order.exceptions.clear();
                order.desk.tasks.clear();
            }
        }
    }
    Err(too_busy())
}

fn task_answer(order: &Order, key: &str, policy: &Policy, asker: &Asker<'_>) -> Answer {
    let work = order.work().find(|work| work.key() == key);
    work.map_or_else(
        || Answer::empty(204),
        |work| {
            let view = TaskView::new(order, &work, policy, asker.seller_zone, asker.now);
            Answer::json(200, json_of(&view)).with_header("cache-control", "no-store".to_owned())
        },
    )
}
