//! The deployed system as a drawing, from the template alone: who is called by what, who sends to
//! which queue, who takes from it. `UPDATE_EXPECT=1` draws it anew.

use crate::template::{Resource, Template, list_of, text_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Left edges of the columns: doors, functions behind doors, table, readers, queues, steps.
const COLUMNS: [u32; 6] = [20, 370, 560, 750, 960, 1170];
const WIDTH: u32 = 140;
const HEIGHT: u32 = 44;
const ROW: u32 = 62;
const TOP: u32 = 70;

/// A box of the drawing.
struct Box {
    column: usize,
    row: usize,
    title: String,
    note: String,
    class: &'static str,
}

impl Box {
    fn x(&self) -> u32 {
        COLUMNS[self.column]
    }

    fn y(&self) -> u32 {
        TOP + u32::try_from(self.row).unwrap() * ROW
    }
}

/// What is drawn.
#[derive(Default)]
struct Drawing {
    boxes: BTreeMap<String, Box>,
    /// From, to, what stands on the line.
    lines: BTreeSet<(String, String, String)>,
    rows: [usize; 6],
}

impl Drawing {
    fn put(&mut self, name: &str, column: usize, title: &str, note: &str, class: &'static str) {
        if self.boxes.contains_key(name) {
            return;
        }
        let row = self.rows[column];
        self.rows[column] += 1;
        let (title, note) = (title.to_owned(), note.to_owned());
        self.boxes.insert(name.to_owned(), Box { column, row, title, note, class });
    }

    fn line(&mut self, from: &str, to: &str, label: &str) {
        self.lines.insert((from.to_owned(), to.to_owned(), label.to_owned()));
    }
}

/// The drawing as SVG.
pub fn draw(template: &Template) -> String {
    let mut drawing = Drawing::default();
    doors(template, &mut drawing);
    stream(template, &mut drawing);
    queues(template, &mut drawing);
    sending(template, &mut drawing);
    svg(&drawing, template)
}

fn short(function: &str) -> String {
    function.trim_end_matches("Function").to_lowercase()
}

fn note_of(template: &Template, function: &str) -> String {
    let own = template.resource(function).at("/MemorySize").as_u64();
    let memory = own.or_else(|| template.at("/Globals/Function/MemorySize").as_u64()).unwrap();
    format!("{memory} MB")
}

/// HTTP, schedules and topics, and the functions behind them.
fn doors(template: &Template, drawing: &mut Drawing) {
    drawing.put("Api", 0, "HTTP API", "API Gateway", "door");
    for route in template.of_type("AWS::ApiGatewayV2::Route") {
        let target = route.text("/Target");
        let name = target.trim_start_matches("integrations/${").trim_end_matches('}').to_owned();
        let function = template.resource(&name).text("/IntegrationUri").replace(".Arn", "");
        drawing.put(&function, 1, &short(&function), &note_of(template, &function), "function");
        drawing.line("Api", &function, &route.text("/RouteKey").replace("/v1/", "/"));
    }
    for schedule in template.of_type("AWS::Scheduler::Schedule") {
        let function = text_of(schedule.at("/Target/Arn")).replace(".Arn", "");
        drawing.put(schedule.name, 0, "schedule", &schedule.text("/ScheduleExpression"), "door");
        drawing.put(&function, 1, &short(&function), &note_of(template, &function), "function");
        drawing.line(schedule.name, &function, "");
    }
    for subscription in template.of_type("AWS::SNS::Subscription") {
        if subscription.text("/Protocol") == "lambda" {
            let topic = subscription.text("/TopicArn");
            let function = text_of(subscription.at("/Endpoint")).replace(".Arn", "");
            drawing.put(&topic, 0, "SNS topic", &topic, "door");
            drawing.put(&function, 1, &short(&function), &note_of(template, &function), "function");
            drawing.line(&topic, &function, "");
        }
    }
    drawing.put("Table", 2, "DynamoDB table", "3 indexes, stream", "table");
    for function in template.functions().values() {
        if drawing.boxes.contains_key(function.name) {
            drawing.line(function.name, "Table", "");
        }
    }
}

fn stream(template: &Template, drawing: &mut Drawing) {
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping") {
        if !mapping.at("/StartingPosition").is_null() {
            let function = mapping.text("/FunctionName");
            drawing.put(&function, 3, &short(&function), &note_of(template, &function), "function");
            drawing.line("Table", &function, "");
        }
    }
}

/// Queues and who takes from them.
fn queues(template: &Template, drawing: &mut Drawing) {
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping") {
        let queue = mapping.text("/EventSourceArn").replace(".Arn", "");
        if !queue.ends_with("Queue") {
            continue;
        }
        let live = template.resource(&queue);
        let attempts = live.at("/RedrivePolicy/maxReceiveCount");
        let name = live.text("/QueueName").replace("${AWS::StackName}-", "");
        let note = format!("dead after {attempts}");
        drawing.put(&queue, 4, &format!("queue {name}"), &note, "queue");
        let function = mapping.text("/FunctionName");
        let most = mapping.at("/ScalingConfig/MaximumConcurrency");
        let step = format!("{function} step");
        let memory = note_of(template, &function);
        drawing.put(&step, 5, &short(&function), &format!("{memory}, {most} at once"), "function");
        drawing.line(&queue, &step, &format!("{} a batch", mapping.at("/BatchSize")));
    }
}

/// Who sends to which queue, by what the roles allow.
fn sending(template: &Template, drawing: &mut Drawing) {
    for function in template.functions().values() {
        for (action, resource) in actions(template, function) {
            let queue = resource.replace(".Arn", "");
            if action == "sqs:SendMessage" && drawing.boxes.contains_key(&queue) {
                drawing.line(function.name, &queue, "");
            }
        }
    }
}

fn actions(template: &Template, function: &Resource<'_>) -> Vec<(String, String)> {
    let role = function.text("/Role").replace(".Arn", "");
    let policies = list_of(template.resource(&role).at("/Policies"));
    let mut found = Vec::new();
    for statement in policies.iter().flat_map(|p| list_of(&p["PolicyDocument"]["Statement"])) {
        for action in list_of(&statement["Action"]) {
            for resource in list_of(&statement["Resource"]) {
                found.push((action.as_str().unwrap().to_owned(), text_of(&resource)));
            }
        }
    }
    found
}

const STYLE: &str = "\
text{font:12px sans-serif;fill:#1b2733}.note,.label{font-size:10px;fill:#51606e}.head{font-size:13px;\
font-weight:bold}rect{stroke-width:1.2}.door{fill:#eef1f4;stroke:#7b8794}.function{fill:#e3f1e7;\
stroke:#3f8f5b}.table{fill:#e2ecf8;stroke:#3a6ea5}.queue{fill:#fdf1dc;stroke:#c08a2e}\
path{fill:none;stroke:#7b8794;stroke-width:1.1;marker-end:url(#end)}.label{paint-order:stroke;\
stroke:#fff;stroke-width:3px}";

fn svg(drawing: &Drawing, template: &Template) -> String {
    let rows = u32::try_from(drawing.rows.iter().copied().max().unwrap()).unwrap();
    let (width, height) = (COLUMNS[5] + WIDTH + 20, TOP + rows * ROW + 40);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\">\n\
         <title>Ordermill as infra/template.yaml deploys it</title>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" \
         style=\"fill:#7b8794;stroke:none\"/></marker></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let heads = ["from outside", "", "", "stream readers", "queues", "steps, each one write"];
    for (column, head) in heads.iter().enumerate().filter(|(_, head)| !head.is_empty()) {
        writeln!(out, "<text class=\"head\" x=\"{}\" y=\"40\">{head}</text>", COLUMNS[column])
            .unwrap();
    }
    for (from, to, label) in &drawing.lines {
        out.push_str(&arrow(&drawing.boxes[from], &drawing.boxes[to], label));
    }
    for one in drawing.boxes.values() {
        let (x, y) = (one.x(), one.y());
        writeln!(
            out,
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\
             <text x=\"{}\" y=\"{}\">{}</text><text class=\"note\" x=\"{}\" y=\"{}\">{}</text>",
            one.class, x + 10, y + 19, one.title, x + 10, y + 35, one.note
        )
        .unwrap();
    }
    let alarms = template.of_type("AWS::CloudWatch::Alarm").count();
    let dead = template.of_type("AWS::SQS::Queue").count() / 2;
    writeln!(
        out,
        "<text class=\"note\" x=\"20\" y=\"{}\">Every step reads and writes the table. Beside what is drawn: \
         {dead} queues of dead letters, {alarms} alarms, a dashboard, a bucket for unread records, \
         two secrets.</text>\n</svg>",
        height - 16
    )
    .unwrap();
    out
}

fn arrow(from: &Box, to: &Box, label: &str) -> String {
    let (x1, y1) = (from.x() + WIDTH, from.y() + HEIGHT / 2);
    let (x2, y2) = (to.x(), to.y() + HEIGHT / 2);
    let bend = 30.min((x2.max(x1) - x1) / 2);
    let mut out = format!(
        "<path d=\"M{x1},{y1} C{},{y1} {},{y2} {x2},{y2}\"/>",
        x1 + bend,
        x2.saturating_sub(bend)
    );
    if !label.is_empty() {
        let escaped = label.replace('&', "&amp;").replace('<', "&lt;");
        write!(
            out,
            "<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{escaped}</text>",
            x2 - 8,
            y2 - 5
        )
        .unwrap();
    }
    out.push('\n');
    out
}
