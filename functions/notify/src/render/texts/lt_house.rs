//! Lithuanian: what the house and its partners read.

use super::Message;
use ordermill_domain::order::EventKind;
use ordermill_domain::policy::Phase;

pub(super) const PARTNER_UPDATE: Message = Message {
    subject: &["Užsakymas {number}: {happened}"],
    title: &["Užsakymas {number}: {status}", "Užsakymas {number}"],
    body: &["Užsakymo {number} naujiena: {happened}."],
    sms: &["{seller}: užsakymas {number}, {happened}.", "{carrier} {tracking}."],
};

pub(super) const STAFF_ALERT: Message = Message {
    subject: &["Užsakymui {number} reikia dėmesio: {status}", "Užsakymui {number} reikia dėmesio"],
    title: &["Užsakymui reikia dėmesio"],
    body: &["Užsakymas {number} laukia nuo {since}."],
    sms: &[
        "{?problem}{seller}: užsakymas {number}, {problem}.",
        "{!problem}{seller}: užsakymui {number} reikia dėmesio.",
        "{status}.",
    ],
};

pub(super) const STAFF_TASK: Message = Message {
    subject: &["Užsakymas {number}: {problem}", "Užsakymas {number}: yra darbo"],
    title: &["Yra darbo"],
    body: &["Užsakymui {number} reikia žmogaus."],
    sms: &[
        "{?problem}{seller}: užsakymas {number}, {problem}.",
        "{!problem}{seller}: užsakymui {number} reikia žmogaus.",
    ],
};

pub(super) const STAFF_EXCEPTION: Message = Message {
    subject: &["Užsakymas {number}: {problem}", "Užsakymui {number} reikia sprendimo"],
    title: &["Reikia sprendimo"],
    body: &["Užsakymui {number} reikia sprendimo."],
    sms: &[
        "{?problem}{seller}: užsakymas {number}, {problem}.",
        "{!problem}{seller}: užsakymui {number} reikia sprendimo.",
    ],
};

pub(super) const STAFF_PAYMENT_FAILED: Message = Message {
    subject: &["Užsakymas {number}: mokėjimas nepavyko"],
    title: &["Mokėjimas nepavyko"],
    body: &["Mokėjimas už užsakymą {number} nepavyko."],
    sms: &[
        "{?problem}{seller}: mokėjimas už užsakymą {number} nepavyko: {problem}.",
        "{!problem}{seller}: mokėjimas už užsakymą {number} nepavyko.",
    ],
};

pub(super) const UNKNOWN: Message = Message {
    subject: &["Užsakymas {number}: pranešimas neturi teksto"],
    title: &["Pranešimas neturi teksto"],
    body: &["Reikėjo pranešti apie užsakymą {number}, bet šablono „{template}“ nėra."],
    sms: &["{seller}: užsakymas {number}, nėra šablono „{template}“."],
};

/// Read after "Užsakymas 7KQ…:".
pub(super) fn happened(kind: EventKind) -> &'static str {
    match kind {
        EventKind::OrderReceived => "gautas",
        EventKind::OrderValidated => "patikrintas",
        EventKind::ReviewRequired => "jį tikrina žmogus",
        EventKind::OrderApproved => "leista vykdyti",
        EventKind::StockReserved => "visos prekės rezervuotos",
        EventKind::StockPartlyReserved => "dalis prekių rezervuota, likusios atkeliaus vėliau",
        EventKind::OrderBackordered => "laukia prekių",
        EventKind::StockServed => "gautos prekės jam rezervuotos",
        EventKind::StockPageDone => "jo prekės rezervuojamos, atlaisvinamos arba siunčiamos",
        EventKind::ReleaseStarted => "jo prekės atlaisvinamos",
        EventKind::OrderAdvanced => "vykdomas toliau",
        EventKind::OrderConfirmed => "patvirtintas",
        EventKind::OrderRejected => "atmestas",
        EventKind::HoldPlaced => "kol kas sustabdytas",
        EventKind::HoldReleased => "vėl vykdomas",
        EventKind::OrderAssigned => "paskirtas atsakingas asmuo",
        EventKind::OrderSplit => "dalis tapo atskiru užsakymu",
        EventKind::OrderEdited => "pakeistas užsakymas",
        EventKind::OrderCommented => "parašytas komentaras",
        EventKind::ProductionProgressed => "gamyba pasistūmėjo",
        EventKind::OrderPicked => "komplektuojamas",
        EventKind::OrderPacked => "supakuotas",
        EventKind::OrderShipped => "siunta išsiųsta",
        EventKind::OrderDelivered => "siunta pristatyta",
        EventKind::OrderCompleted => "užbaigtas",
        EventKind::OrderReturned => "prekės grąžintos",
        EventKind::LinesCancelled => "dalis jo atšaukta",
        EventKind::OrderCancelled => "atšauktas",
        EventKind::PaymentReceived => "gautas mokėjimas",
        EventKind::PaymentFailed => "mokėjimas nepavyko",
        EventKind::PaymentAuthorised => "mokėjimas autorizuotas",
        EventKind::PaymentDisputed => "mokėjimas ginčijamas",
        EventKind::DisputeClosed => "ginčas baigtas",
        EventKind::RefundOwed => "bus grąžinti pinigai",
        EventKind::RefundDone => "pinigai grąžinti",
        EventKind::RefundShared => "bendro mokėjimo grąžinimas padalytas",
        EventKind::OrderRevived => "vis dėlto vykdomas, apmokėjimas gautas vėliau",
        EventKind::LimitNoticed => "užtrunka ilgiau, nei numatyta",
        EventKind::LimitMoved => "baigėsi terminas",
        EventKind::ExceptionOpened => "reikia sprendimo",
        EventKind::ExceptionClosed => "sprendimas priimtas",
        EventKind::Reminded => "dar yra neišspręstų klausimų",
        EventKind::NoticeFailed => "pranešimas nepasiekė kliento",
        EventKind::ArrivalNoticed => "pranešta apie kurjerį",
        EventKind::CustomerAsked => "pirkėjo paklausta",
        EventKind::CustomerAnswered => "pirkėjas atsakė",
        EventKind::QuestionClosed => "klausimas pirkėjui uždarytas",
        EventKind::CustomerErased => "kliento duomenys ištrinti",
        EventKind::TaskSet => "kažkas turi ką atlikti",
        EventKind::TaskTaken => "kažkas ėmėsi užduoties",
        EventKind::TaskDone => "užduotis atlikta",
        EventKind::CustomerCalled => "klientui skambinta",
    }
}

pub(super) fn next(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => "Pažiūrėkite, kodėl neįvyko patikrinimas; jis kartojamas automatiškai.",
        Phase::Review => {
            "Peržiūrėkite priežastis ir užsakymą patvirtinkite, pataisykite arba atmeskite."
        }
        Phase::Supply => {
            "Pažiūrėkite atsargas: priimkite prekes, keiskite eilutes arba atšaukite likutį."
        }
        Phase::Payment => {
            "Paklauskite pirkėjo dėl apmokėjimo arba užsakymą patvirtinkite ar atšaukite."
        }
        Phase::Fulfilment => "Surinkite, supakuokite, išsiųskite arba įteikite, kas paruošta.",
        Phase::Closed => "Pažiūrėkite, kas dar neužbaigta: pinigai, grąžinamos prekės, išimtys.",
    }
}

pub(super) const MATTERS: &[(&str, &str, &str)] = &[
    (
        "review_needed",
        "tikrinant kai kas rasta",
        "Peržiūrėkite priežastis ir užsakymą patvirtinkite, pataisykite arba atmeskite.",
    ),
    (
        "review_overdue",
        "per ilgai tikrinamas",
        "Nuspręskite šiandien: patvirtinkite, pataisykite arba atmeskite užsakymą.",
    ),
    (
        "order_stuck",
        "pats toliau nevykdomas",
        "Pažiūrėkite, ar netrūksta mokėjimo sąlygų ir ar užsakymas nesustabdytas.",
    ),
    (
        "backordered_long",
        "ilgai nėra jo prekių",
        "Sužinokite datą iš tiekėjo ir atsiprašykite pirkėjo arba atšaukite likutį.",
    ),
    ("confirmation_needed", "laukia patvirtinimo", "Užsakymą patvirtinkite arba atmeskite."),
    (
        "confirmation_overdue",
        "per ilgai laukia patvirtinimo",
        "Šiandien užsakymą patvirtinkite arba atmeskite.",
    ),
    (
        "rest_overdue",
        "dalis išsiųsta, likusi dalis – ne",
        "Išsiųskite likusią dalį arba ją atšaukite ir grąžinkite pinigus.",
    ),
    (
        "delivery_overdue",
        "nėra žinių, ar pristatytas",
        "Paklauskite vežėjo; pažymėkite, kad pristatyta arba grįžo.",
    ),
    (
        "not_collected",
        "pirkėjas jo neatsiėmė",
        "Paskambinkite pirkėjui; jei neatvyks, užsakymą atšaukite.",
    ),
    (
        "notice_failed",
        "pranešimas nepasiekė pirkėjo",
        "Patikrinkite adresą; toliau naudojamas kitas kanalas.",
    ),
    (
        "customer_unreachable",
        "pirkėjo nepasiekia joks pranešimas",
        "Raskite kitą būdą susisiekti su pirkėju ir pataisykite kontaktus.",
    ),
    (
        "not_reached",
        "penki skambučiai nepavyko",
        "Ieškokite kito būdo susisiekti su klientu; tęskite arba atšaukite užsakymą ir grąžinkite pinigus.",
    ),
    (
        "refused",
        "klientas užsakymo nebenori, o pinigai gauti arba prekės išsiųstos",
        "Susitarkite, kas grąžinama; atšaukite užsakymą arba jo likutį ir grąžinkite pinigus.",
    ),
    ("call_customer", "reikia paskambinti pirkėjui", "Paskambinkite ir užrašykite atsakymą."),
    (
        "partly_paid_at_limit",
        "baigėsi apmokėjimo terminas, o sumokėta tik dalis",
        "Paprašykite likusios sumos, patvirtinkite užsakymą arba atšaukite ir grąžinkite pinigus.",
    ),
    (
        "wrong_currency",
        "gauti pinigai kita valiuta",
        "Grąžinkite juos per mokėjimų teikėją arba ranka įveskite užsakymo valiuta.",
    ),
    (
        "refund_without_payment",
        "grąžinta daugiau pinigų, nei gauta",
        "Patikrinkite pas mokėjimų teikėją; jei gautų pinigų trūksta, įveskite juos ranka.",
    ),
    (
        "late_money",
        "gauti pinigai už uždarytą užsakymą",
        "Grąžinkite pinigus arba sukurkite naują užsakymą ir įveskite juos ten.",
    ),
    (
        "dispute",
        "pirkėjo bankas ginčija mokėjimą",
        "Laiku atsakykite mokėjimų teikėjui; iki tol nieko nesiųskite.",
    ),
    ("dispute_lost", "ginčas pralaimėtas", "Pasikalbėkite su pirkėju; užsakymas nebėra apmokėtas."),
    (
        "webhook_disabled",
        "kliento programa nepriima pranešimų",
        "Susisiekite su klientu: jis vėl įjungia adresą ir paprašo pakartoti, ko negavo.",
    ),
    (
        "auto_loop",
        "būsenos keičiasi ratu",
        "Praneškite už būsenų taisykles atsakingam asmeniui; užsakymą pakeiskite ranka.",
    ),
    (
        "stock_short",
        "prekių yra mažiau, nei rezervuota",
        "Perskaičiuokite, priimkite prekes arba su pirkėju susitarkite dėl mažesnio kiekio.",
    ),
    (
        "refund_owed",
        "reikia grąžinti pinigus",
        "Grąžinkite per mokėjimų teikėją arba pavedimu ir įrašykite jo numerį.",
    ),
    ("receivable", "sąskaita neapmokėta", "Paprašykite pirkėjo sumokėti; gautus pinigus įveskite."),
    (
        "overdue",
        "pirkėjas turi pradelstų sąskaitų",
        "Paprašykite pirkėjo sumokėti, tada panaikinkite sustabdymą.",
    ),
    (
        "customer_approval",
        "pakeitimas laukia pirkėjo sutikimo",
        "Nieko, arba paskambinkite pirkėjui. Norėdami atsiimti pakeitimą, panaikinkite sustabdymą.",
    ),
    (
        "customer_silent",
        "pirkėjas neatsakė į klausimą",
        "Paklauskite pirkėjo ir padarykite, ką jis pasakys.",
    ),
    (
        "approval_failed",
        "pirkėjas sutiko su pakeitimu, kurio nebegalima atlikti",
        "Perskaitykite kodėl, pakeiskite užsakymą iš naujo ir vėl paklauskite pirkėjo.",
    ),
    (
        "customer_choice",
        "trūksta prekių, turi rinktis pirkėjas",
        "Pasiūlykite kitą prekę, laukti arba atšaukti; tada panaikinkite sustabdymą.",
    ),
    ("assigned", "paskirtas atsakingas asmuo", "Užsakymu rūpinasi atsakingas asmuo."),
    (
        "payment_failed",
        "mokėjimas nepavyko",
        "Dažniausiai nieko: pirkėjas gali bandyti dar kartą. Jei nesumoka, paskambinkite.",
    ),
    (
        "unmatched_money",
        "gauti pinigai, kurie netinka jokiam užsakymui",
        "Raskite užsakymą ir jam priskirkite arba pinigus grąžinkite.",
    ),
    (
        "contact_failed",
        "nepavyko pristatyti pranešimo",
        "Patikrinkite kontaktus ir bandykite kitu būdu.",
    ),
    ("sms_unclear", "nežinoma, ar SMS išsiųsta", "Jei svarbu, praneškite pirkėjui kitu būdu."),
    ("validation_overdue", "nepavyko laiku patikrinti", "Patikrinkite užsakymą ranka."),
    (
        "reservation_overdue",
        "nepavyko laiku rezervuoti prekių",
        "Pažiūrėkite atsargas, tada užsakymą patvirtinkite, kad būtų bandoma dar kartą.",
    ),
    (
        "approval_overdue",
        "per ilgai laukia pritarimo",
        "Šiandien užsakymui pritarkite, jį pataisykite arba atmeskite.",
    ),
    (
        "feasibility_check",
        "reikia įvertinti, ar galima pagaminti",
        "Įvertinkite, ar, kada ir už kiek galima pagaminti; tada tęskite arba atmeskite.",
    ),
    (
        "feasibility_overdue",
        "dar neįvertinta, ar galima pagaminti",
        "Šiandien pasakykite, ar galima pagaminti, arba užsakymą atmeskite.",
    ),
    (
        "preparation_overdue",
        "per ilgai ruošiamas",
        "Užbaikite pasiūlymą ir brėžinius arba praneškite pirkėjui datą.",
    ),
    (
        "contract_overdue",
        "ilgai nesuderinta sutartis",
        "Paskambinkite pirkėjui; tęskite sutarties derinimą arba užsakymą atšaukite.",
    ),
    (
        "production_overdue",
        "per ilgai gaminamas",
        "Sužinokite gamybos datą ir praneškite pirkėjui.",
    ),
    (
        "not_shipped",
        "paruoštas, bet neišsiųstas",
        "Išsiųskite arba paklauskite pirkėjo, kada jam patogu.",
    ),
    (
        "shipment_overdue",
        "patvirtintas, bet neišsiųstas",
        "Išsiųskite arba praneškite pirkėjui datą.",
    ),
];
