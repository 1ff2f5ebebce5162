//! What people have to do: the feed of tasks.

use super::answers::Page;
use super::examples::{Sample, page};
use super::operations::{Builder, Operation};
use ordermill_views::task::TaskView;
use serde_json::Value;

fn example() -> Value {
    Sample::new().map(|sample| sample.task()).unwrap_or_default()
}

pub(super) fn list(builder: Builder<'_>) -> Operation {
    builder
        .about("tasks", "What people have to do, by orders, the earliest first")
        .answer::<Page<TaskView>>(200, "A page of tasks.", page(vec![example()]))
        .done()
}

pub(super) fn next(builder: Builder<'_>) -> Operation {
    let what = "The task, the asker's alone for 15 minutes.";
    builder
        .about("tasks", "Take the next task; the same again until it is done")
        .answer_with::<TaskView>(200, what, example(), &["Cache-Control"])
        .nothing(204, "There is nothing to do now.", &[])
        .done()
}
