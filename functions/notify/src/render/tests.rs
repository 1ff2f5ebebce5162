//! Every message in every language: complete, escaped, without holes, and as the samples say.

use super::fixture::{Sample, audience, event, input, order, sample, seller};
use super::segments::Encoding;
use super::texts::{Language, language};
use super::{Audience, Input, Locale, Rendered, Seller, Template, render, sms_segments};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{EventKind, PaymentMethod, Terms};
use ordermill_domain::policy::check::TEMPLATES;
use ordermill_domain::policy::{Outcome, Phase, StatusKey, Trigger, presets};
use ordermill_domain::quantity::Quantity;
use serde_json::json;
use std::collections::BTreeSet;

/// The seller as staff of that language know it.
fn house(locale: Locale) -> Seller {
    Seller { locale: locale.code().to_owned(), ..seller() }
}

fn rendered(template: Template, locale: Locale) -> Rendered {
    let (sample, seller) = (sample(template), house(locale));
    render(&input(template, &sample, &seller, locale.code()))
}

/// Renders a sample in English after a change to what goes in.
fn with(sample: &Sample, template: Template, change: impl FnOnce(&mut Input<'_>)) -> Rendered {
    let seller = house(Locale::En);
    let mut input = input(template, sample, &seller, "en");
    change(&mut input);
    render(&input)
}

/// Every message in one language, as people read it.
fn all(locale: Locale) -> String {
    let mut text = String::new();
    for template in Template::ALL {
        let message = rendered(*template, locale);
        let size = sms_segments(&message.sms);
        text.push_str(&format!(
            "================ {} ({:?})\nSubject: {}\n\n{}\nSMS, {} × {:?}, {} units: {}\n\n",
            template.name(),
            audience(*template),
            message.subject,
            message.text,
            size.segments,
            size.encoding,
            size.units,
            message.sms
        ));
    }
    text
}

#[test]
fn messages_read_as_their_samples() {
    for locale in Locale::ALL {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
        let path = format!("{folder}/{}.txt", locale.code());
        let now = all(locale);
        if std::env::var_os("UPDATE_SAMPLES").is_some() {
            assert!(std::fs::write(&path, &now).is_ok(), "{path} cannot be written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let first = kept.lines().zip(now.lines()).find(|(kept, now)| kept != now);
        assert!(
            kept == now,
            "{path} differs, first {first:?}. If that is right: UPDATE_SAMPLES=1 cargo test -p \
             ordermill-notify"
        );
    }
}

#[test]
fn every_message_is_whole_in_every_language() {
    for locale in Locale::ALL {
        for template in Template::ALL {
            let message = rendered(*template, locale);
            let name = format!("{} {}", template.name(), locale.code());
            // The sample's comment has a `{number}` that a person wrote.
            let text = message.text.replace("The cup {number}", "");
            for part in [&message.subject, &text, &message.sms] {
                assert!(!part.trim().is_empty(), "{name} has an empty part");
                assert!(!part.contains(['{', '}']), "{name} has a hole: {part}");
                assert!(!part.contains(".."), "{name} has two full stops: {part}");
                assert!(!part.contains("  •") && !part.contains(" ."), "{name}: {part}");
            }
            let number = "7KQ4M2XD9T-C";
            assert!(message.subject.contains(number), "{name}: no number in the subject");
            assert!(message.text.contains(number), "{name}: no number in the text");
            assert!(message.text.contains("Žalia arbata"), "{name}: no seller in the text");
            assert!(message.sms.contains(number), "{name}: no number in {}", message.sms);
            assert!(message.sms.starts_with("Žalia arbata") || message.sms.starts_with("Zalia"));
        }
    }
}

#[test]
fn an_order_of_which_nothing_is_known_gives_whole_messages_too() {
    let seller = Seller { name: "Tea".to_owned(), ..Seller::default() };
    let mut bare = Sample {
        order: order(),
        event: event(EventKind::OrderAdvanced, &json!({})),
        open: Amount::ZERO,
        due_at: None,
    };
    bare.order.placed = ordermill_domain::order::Placed::default();
    bare.order.lines.clear();
    (bare.order.terms, bare.order.delivery_method) = (None, None);
    (bare.order.responsible, bare.order.external_id) = (None, None);
    for locale in Locale::ALL {
        for template in Template::ALL {
            let mut input = input(*template, &bare, &seller, locale.code());
            input.tracking_url = None;
            input.status_label = String::new();
            input.zone = "nowhere";
            let message = render(&input);
            let name = format!("{} {}", template.name(), locale.code());
            let number = "7KQ4M2XD9T-C";
            for part in [&message.subject, &message.text, &message.html, &message.sms] {
                assert!(part.contains(number), "{name} does not name the order: {part}");
            }
            assert!(!message.text.contains(['{', '}']), "{name}: {}", message.text);
            assert!(message.sms.starts_with("Tea:"), "{name}: {}", message.sms);
            // Title, some words, and the foot.
            assert!(message.text.matches("\n\n").count() >= 2, "{name}: {}", message.text);
        }
    }
}

#[test]
fn text_and_html_say_the_same() {
    for locale in Locale::ALL {
        for template in Template::ALL {
            let message = rendered(*template, locale);
            let html = message.html.replace("&#34;", "\"").replace("&#39;", "'");
            let html = html.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&");
            let html = html.replace('\u{a0}', " ");
            // Words of the text, but for its own marks.
            for word in message.text.split([' ', '\n']).filter(|word| word.chars().count() > 2) {
                let word = word.trim_matches([':', '(', ')', ',']);
                assert!(html.contains(word), "{} {word} is missing", template.name());
            }
        }
    }
}

#[test]
fn html_loads_nothing_and_escapes_everything() {
    for template in Template::ALL {
        let html = rendered(*template, Locale::En).html;
        for foreign in ["<script", "<img", "<link", "@import", "url(", "src=", "<0,3 l>", "<small>"]
        {
            assert!(!html.contains(foreign), "{}: {foreign}", template.name());
        }
        assert!(html.contains("<html lang=\"en\">") && html.contains("#2e7d32"));
    }
    let mut sample = sample(Template::OrderReceived);
    for line in &mut sample.order.lines {
        line.detail.name = Some("<b onmouseover=\"x\">&'".to_owned());
    }
    let message = with(&sample, Template::OrderReceived, |_| {});
    assert!(!message.html.contains("<b "), "{}", message.html);
    let seller = Seller { colour: "#fff;}\"><b>".to_owned(), ..house(Locale::En) };
    let html = render(&input(Template::Paid, &sample, &seller, "en")).html;
    assert!(html.contains("#1f4e79") && !html.contains("<b>"));
}

#[test]
fn text_messages_fit_one_segment_but_for_links_to_pay_or_answer() {
    for locale in Locale::ALL {
        for template in Template::ALL {
            let message = rendered(*template, locale);
            let size = sms_segments(&message.sms);
            let pays = [
                Template::PaymentRequest,
                Template::BalanceRequest,
                Template::PaymentReminder,
                Template::PartlyPaid,
                Template::Overdue,
                Template::ApprovalRequest,
                Template::OrderApprovalRequest,
                Template::ChoiceRequest,
            ];
            let wide = usize::from(size.encoding == Encoding::Ucs2);
            let most = if pays.contains(template) { 2 } else { 1 };
            assert!(size.segments <= most + wide, "{} {}", template.name(), message.sms);
            let cyrillic = locale == Locale::Ru;
            let gsm = size.encoding == Encoding::Gsm7 || size.segments == 1;
            assert!(gsm || cyrillic, "{} {}", template.name(), message.sms);
        }
    }
}

#[test]
fn languages_have_the_same_codes_and_use_the_same_values() {
    let english = language(Locale::En);
    let codes = |l: &Language| {
        let reasons: Vec<&str> = l.reasons.iter().map(|(code, _)| *code).collect();
        let needs: Vec<&str> = l.needs.iter().map(|(code, _)| *code).collect();
        let matters: Vec<&str> = l.matters.iter().map(|(code, ..)| *code).collect();
        (reasons, needs, matters)
    };
    let names = |wordings: &[&str]| -> BTreeSet<String> {
        let parts = wordings.iter().flat_map(|wording| wording.split('{').skip(1));
        parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    };
    for locale in Locale::ALL {
        let other = language(locale);
        assert_eq!(other.locale, locale);
        assert_eq!(codes(other), codes(english), "{}", locale.code());
        for template in Template::ALL {
            let (ours, theirs) = ((english.message)(*template), (other.message)(*template));
            for (ours, theirs) in [
                (ours.subject, theirs.subject),
                (ours.title, theirs.title),
                (ours.body, theirs.body),
                (ours.sms, theirs.sms),
            ] {
                let name = format!("{} {}", template.name(), locale.code());
                assert_eq!(names(ours), names(theirs), "{name}");
                assert_eq!(ours.len(), theirs.len(), "{name}");
            }
        }
    }
}

#[test]
fn every_template_and_task_of_the_policies_has_its_words() {
    let known: Vec<&str> = Template::ALL.iter().map(|template| template.name()).collect();
    for name in TEMPLATES {
        assert!(known.contains(&name), "{name}");
    }
    let english = language(Locale::En);
    for policy in [presets::webshop(), presets::wholesale(), presets::made_to_order()] {
        let Ok(policy) = policy else { panic!("a preset is not read") };
        for status in policy.statuses.values() {
            let tasks = status.on_enter.iter().filter_map(|trigger| match trigger {
                Trigger::Task { task } => Some(task),
                Trigger::Notify { .. } | Trigger::Webhook => None,
            });
            let due = status.limit.iter().filter_map(|rung| match &rung.outcome {
                Outcome::Task { task } => Some(task),
                Outcome::Redrive
                | Outcome::Notify { .. }
                | Outcome::Call
                | Outcome::Split(_)
                | Outcome::Move { .. } => None,
            });
            for task in tasks.chain(due) {
                assert!(english.matter(task).1.is_some(), "{task} of {}", policy.name);
            }
        }
    }
}

#[test]
fn a_reminder_outside_a_review_asks_for_an_answer() {
    let mut sample = sample(Template::DataNeeded);
    sample.order.reasons.clear();
    let message = with(&sample, Template::DataNeeded, |_| {});
    assert!(message.text.contains("need not do anything"), "{}", message.text);
    sample.order.phase = Phase::Payment;
    let message = with(&sample, Template::DataNeeded, |_| {});
    assert!(message.text.contains("need an answer from you"), "{}", message.text);
}

#[test]
fn a_limit_that_is_not_about_money_is_not_named() {
    let mut sample = sample(Template::PartlyPaid);
    let message = with(&sample, Template::PartlyPaid, |_| {});
    assert!(message.text.contains("Pay by"), "{}", message.text);
    sample.order.phase = Phase::Supply;
    let message = with(&sample, Template::PartlyPaid, |_| {});
    assert!(!message.text.contains("Pay by"), "{}", message.text);
}

#[test]
fn a_name_that_is_no_template_is_told_to_staff_and_hidden_from_others() {
    let sample = sample(Template::Unknown);
    let staff = with(&sample, Template::Unknown, |input| input.template = "paymnt_request");
    assert!(staff.text.contains("no template \"paymnt_request\""), "{}", staff.text);
    let customer = with(&sample, Template::Unknown, |input| {
        input.template = "paymnt_request";
        input.audience = Audience::Customer;
    });
    assert!(customer.text.contains("Awaiting payment"), "{}", customer.text);
    assert!(!customer.text.contains("paymnt"), "{}", customer.text);
    let internal = with(&sample, Template::StaffAlert, |input| {
        input.audience = Audience::Customer;
    });
    assert!(!internal.text.contains("What to do"), "{}", internal.text);
}

#[test]
fn staff_and_partners_read_nothing_of_the_customer() {
    for template in Template::ALL {
        for audience in [Audience::Staff, Audience::Partner] {
            let sample = sample(*template);
            let message = with(&sample, *template, |input| input.audience = audience);
            for part in [&message.text, &message.html, &message.sms, &message.subject] {
                for personal in ["Ona K", "Gedimino", "ona@", "61234567", "/v1/track/"] {
                    assert!(!part.contains(personal), "{} {personal}", template.name());
                }
            }
        }
    }
}

#[test]
fn staff_read_the_sellers_language_and_clock() {
    let sample = sample(Template::StaffAlert);
    let lithuanian = seller();
    let mut input = input(Template::StaffAlert, &sample, &lithuanian, "ru");
    input.zone = "America/New_York";
    let message = render(&input);
    assert!(message.text.contains("2026 m. lapkričio 22 d. 11:00 val."), "{}", message.text);
}

#[test]
fn the_way_to_pay_suits_the_method() {
    let mut sample = sample(Template::PaymentRequest);
    let link = "https://pay.example/7KQ4M2XD9T-C?amount=39.49&currency=EUR";
    let iban = "LT12 1000 0111 0100 1000";
    for (method, has_link, has_bank) in [
        (None, true, true),
        (Some(PaymentMethod::Card), true, false),
        (Some(PaymentMethod::Paypal), true, false),
        (Some(PaymentMethod::BankTransfer), false, true),
        (Some(PaymentMethod::Other), true, true),
    ] {
        sample.order.method = method;
        let message = with(&sample, Template::PaymentRequest, |_| {});
        assert_eq!(message.text.contains(link), has_link, "{method:?}");
        assert_eq!(message.html.contains("href=\"https://pay.example/"), has_link, "{method:?}");
        assert_eq!(message.text.contains(iban), has_bank, "{method:?}");
        assert_eq!(message.text.contains("Payment reference: 7KQ4M2XD9T-C"), has_bank);
        assert!(message.text.contains("Pay by: 6 December 2026, 14:30"), "{}", message.text);
    }
    sample.order.method = Some(PaymentMethod::Card);
    let nothing = Seller { payment_link: None, bank_details: None, ..house(Locale::En) };
    let message = render(&input(Template::PaymentRequest, &sample, &nothing, "en"));
    assert!(message.text.contains("ask us how to pay: +370 5 212 3456"), "{}", message.text);
    let bank_only = Seller { payment_link: Some("javascript:x".to_owned()), ..house(Locale::En) };
    let message = render(&input(Template::PaymentRequest, &sample, &bank_only, "en"));
    assert!(message.text.contains(iban) && !message.html.contains("javascript:"));
}

#[test]
fn what_was_paid_meanwhile_is_not_asked_for_again() {
    for template in [Template::PaymentRequest, Template::PaymentReminder, Template::Overdue] {
        let sample = sample(template);
        let message = with(&sample, template, |input| input.open_amount = Amount::ZERO);
        assert!(message.text.contains("is paid"), "{}", message.text);
        for asking in ["Pay by", "pay.example", "LT12", "Please pay", "overdue"] {
            assert!(!message.text.contains(asking), "{asking} in {}", message.text);
            assert!(!message.sms.contains(asking), "{asking} in {}", message.sms);
        }
    }
}

#[test]
fn the_reason_is_found_where_the_message_goes_with_a_later_event() {
    let mut sample = sample(Template::Cancelled);
    let mut refused = event(EventKind::OrderRejected, &json!({}));
    refused.version = 4;
    refused.reason = Some("We do not deliver to islands.".to_owned());
    sample.order.recent_events = vec![refused];
    sample.event = event(EventKind::RefundOwed, &json!({"amount": "39.49"}));
    sample.event.reason = Some("surplus".to_owned());
    sample.order.recent_events.push(sample.event.clone());
    let message = with(&sample, Template::Cancelled, |_| {});
    let reason = "Reason: We do not deliver to islands.";
    assert!(message.text.contains(reason), "{}", message.text);
    assert!(message.text.contains("cannot fulfil"), "{}", message.text);
    assert!(!message.text.contains("more was paid"), "{}", message.text);
    for (reason, words) in [("out_of_cups", "out of cups"), ("asked", "on request")] {
        sample.event = event(EventKind::OrderCancelled, &json!({}));
        sample.event.reason = Some(reason.to_owned());
        let message = with(&sample, Template::Cancelled, |_| {});
        assert!(message.text.contains(&format!("Reason: {words}")), "{}", message.text);
    }
}

#[test]
fn sums_add_up_and_follow_what_was_cancelled() {
    let mut sample = sample(Template::OrderReceived);
    let message = with(&sample, Template::OrderReceived, |_| {});
    for part in [
        "- Sencha 100 g (engraving: Ona): 2 × €12.50 = €25.00",
        "Goods: €43.00\nDiscounts: −€7.50\nShipping: €3.99\nTotal: €39.49\nincluding VAT: €6.85",
        "Address: Gedimino pr. 9, 01103 Vilnius, LT",
        "Requested date: 1 December 2026",
    ] {
        assert!(message.text.contains(part), "{part} in {}", message.text);
    }
    for line in sample.order.lines.iter_mut().filter(|line| line.line == 2) {
        line.cancelled = Quantity::units(1);
    }
    sample.order.totals = ordermill_domain::price::reckon_remaining(&sample.order);
    let message = with(&sample, Template::OrderReceived, |_| {});
    assert!(!message.text.contains("Rytas"), "{}", message.text);
    assert!(message.text.contains("Goods: €25.00"), "{}", message.text);
    for line in &mut sample.order.lines {
        line.detail.unit_price = None;
    }
    let message = with(&sample, Template::OrderReceived, |_| {});
    assert!(message.text.contains("- 2 × Sencha 100 g (engraving: Ona)"), "{}", message.text);
    assert!(!message.text.contains("Total"), "{}", message.text);
}

#[test]
fn a_long_order_shows_its_first_lines_and_how_many_more() {
    let mut sample = sample(Template::OrderReceived);
    let one = sample.order.lines.first().cloned();
    sample.order.lines = (1..=1000)
        .filter_map(|number| {
            one.clone().map(|mut line| {
                line.line = number;
                line
            })
        })
        .collect();
    let message = with(&sample, Template::OrderReceived, |_| {});
    assert_eq!(message.text.matches("Sencha").count(), 50);
    assert!(message.text.contains("not shown here: 950."), "{}", message.text);
    assert!(message.html.len() < 60_000, "{}", message.html.len());
}

#[test]
fn money_at_the_door_is_named_where_it_is_asked() {
    let mut sample = sample(Template::HandedOver);
    sample.order.terms = Some(Terms::OnDelivery);
    let message = with(&sample, Template::HandedOver, |i| i.open_amount = Amount(3949));
    assert!(message.text.contains("To be paid on delivery: €39.49"), "{}", message.text);
    sample.order.terms = Some(Terms::Invoice);
    let message = with(&sample, Template::HandedOver, |i| i.open_amount = Amount(3949));
    assert!(!message.text.contains("To be paid on delivery"), "{}", message.text);
}

#[test]
fn what_is_left_out_of_a_shipment_is_said_to_follow() {
    let mut sample = sample(Template::HandedOver);
    let message = with(&sample, Template::HandedOver, |_| {});
    for part in ["In this shipment:\n- 2 × Sencha", "Follows separately:\n- 1 × Puodelis"] {
        assert!(message.text.contains(part), "{part} in {}", message.text);
    }
    for line in sample.order.lines.iter_mut().filter(|line| line.line == 2) {
        line.cancelled = Quantity::units(1);
    }
    let message = with(&sample, Template::HandedOver, |_| {});
    assert!(!message.text.contains("Follows"), "{}", message.text);
    assert_eq!(message.subject, "Your order 7KQ4M2XD9T-C is on its way");
}

#[test]
fn a_subject_is_one_line() {
    let mut sample = sample(Template::StaffException);
    sample.event.reason = Some("x\r\nBcc: everybody@example.com".to_owned());
    let message = with(&sample, Template::StaffException, |_| {});
    assert!(!message.subject.contains(['\r', '\n']), "{}", message.subject);
    assert!(message.subject.chars().count() <= 150);
}

#[test]
fn other_currencies_and_statuses_have_their_own_words() {
    let mut sample = sample(Template::PaymentRequest);
    sample.order.currency = Currency::parse("PLN").unwrap_or(Currency::EUR);
    sample.order.exceptions.clear();
    sample.order.status = StatusKey::new("feasibility_study");
    let message = with(&sample, Template::StaffAlert, |input| {
        input.audience = Audience::Staff;
        input.status_label = String::new();
    });
    assert!(message.text.contains("PLN 39.49"), "{}", message.text);
    assert!(message.text.contains("Status: feasibility study"), "{}", message.text);
}
