//! Romanian: what the house and its partners read.

use super::Message;
use ordermill_domain::order::EventKind;
use ordermill_domain::policy::Phase;

pub(super) const PARTNER_UPDATE: Message = Message {
    subject: &["Comanda {number}: {happened}"],
    title: &["Comanda {number}: {status}", "Comanda {number}"],
    body: &["Noutăți despre comanda {number}: {happened}."],
    sms: &["{seller}: comanda {number}, {happened}.", "{carrier} {tracking}."],
};

pub(super) const STAFF_ALERT: Message = Message {
    subject: &["Comanda {number} necesită atenție: {status}", "Comanda {number} necesită atenție"],
    title: &["O comandă necesită atenție"],
    body: &["Comanda {number} așteaptă din {since}."],
    sms: &[
        "{?problem}{seller}: comanda {number}, {problem}.",
        "{!problem}{seller}: comanda {number} necesită atenție.",
        "{status}.",
    ],
};

pub(super) const STAFF_TASK: Message = Message {
    subject: &["Comanda {number}: {problem}", "Comanda {number}: este de lucru"],
    title: &["Este de lucru"],
    body: &["Comanda {number} are nevoie de cineva."],
    sms: &[
        "{?problem}{seller}: comanda {number}, {problem}.",
        "{!problem}{seller}: comanda {number} are nevoie de cineva.",
    ],
};

pub(super) const STAFF_EXCEPTION: Message = Message {
    subject: &["Comanda {number}: {problem}", "Comanda {number} are nevoie de o decizie"],
    title: &["Este nevoie de o decizie"],
    body: &["Comanda {number} are nevoie de o decizie."],
    sms: &[
        "{?problem}{seller}: comanda {number}, {problem}.",
        "{!problem}{seller}: comanda {number} are nevoie de o decizie.",
    ],
};

pub(super) const STAFF_PAYMENT_FAILED: Message = Message {
    subject: &["Comanda {number}: o plată nu a reușit"],
    title: &["O plată nu a reușit"],
    body: &["O plată pentru comanda {number} nu a reușit."],
    sms: &[
        "{?problem}{seller}: o plată pentru comanda {number} nu a reușit: {problem}.",
        "{!problem}{seller}: o plată pentru comanda {number} nu a reușit.",
    ],
};

pub(super) const UNKNOWN: Message = Message {
    subject: &["Comanda {number}: un mesaj nu are text"],
    title: &["Un mesaj nu are text"],
    body: &[
        "Trebuia trimis un mesaj despre comanda {number}, dar șablonul „{template}” nu există.",
    ],
    sms: &["{seller}: comanda {number}, șablonul „{template}” nu există."],
};

/// Read after "Comanda 7KQ…:".
pub(super) fn happened(kind: EventKind) -> &'static str {
    match kind {
        EventKind::OrderReceived => "a fost primită",
        EventKind::OrderValidated => "a fost verificată",
        EventKind::ReviewRequired => "este verificată de o persoană",
        EventKind::OrderApproved => "a fost aprobată",
        EventKind::StockReserved => "toate produsele sunt rezervate",
        EventKind::StockPartlyReserved => {
            "o parte din produse este rezervată, restul vine mai târziu"
        }
        EventKind::OrderBackordered => "așteaptă marfa",
        EventKind::StockServed => "produsele sosite sunt rezervate pentru ea",
        EventKind::StockPageDone => "produsele ei se rezervă, se eliberează sau se expediază",
        EventKind::ReleaseStarted => "produsele ei se eliberează",
        EventKind::OrderAdvanced => "merge mai departe",
        EventKind::OrderConfirmed => "este confirmată",
        EventKind::OrderRejected => "a fost respinsă",
        EventKind::HoldPlaced => "este oprită deocamdată",
        EventKind::HoldReleased => "merge mai departe după oprire",
        EventKind::OrderAssigned => "are un responsabil",
        EventKind::OrderSplit => "o parte a devenit o comandă separată",
        EventKind::OrderEdited => "a fost modificată",
        EventKind::OrderCommented => "are un comentariu nou",
        EventKind::ProductionProgressed => "producția a avansat",
        EventKind::OrderPicked => "este în pregătire",
        EventKind::OrderPacked => "este ambalată",
        EventKind::OrderShipped => "un colet a fost expediat",
        EventKind::OrderDelivered => "un colet a fost livrat",
        EventKind::OrderCompleted => "este finalizată",
        EventKind::OrderReturned => "s-au returnat produse",
        EventKind::LinesCancelled => "o parte a fost anulată",
        EventKind::OrderCancelled => "a fost anulată",
        EventKind::PaymentReceived => "a venit o plată",
        EventKind::PaymentFailed => "o plată nu a reușit",
        EventKind::PaymentAuthorised => "o plată a fost autorizată",
        EventKind::PaymentDisputed => "o plată este contestată",
        EventKind::DisputeClosed => "o contestație s-a încheiat",
        EventKind::RefundOwed => "se vor returna bani",
        EventKind::RefundDone => "s-au returnat bani",
        EventKind::RefundShared => "rambursarea unei plăți comune a fost împărțită",
        EventKind::OrderRevived => "merge totuși mai departe, plata a venit târziu",
        EventKind::LimitNoticed => "durează mai mult decât era planificat",
        EventKind::LimitMoved => "un termen a expirat",
        EventKind::ExceptionOpened => "are nevoie de o decizie",
        EventKind::ExceptionClosed => "s-a luat o decizie",
        EventKind::Reminded => "ceva este încă nerezolvat",
        EventKind::NoticeFailed => "un mesaj nu a ajuns la client",
        EventKind::ArrivalNoticed => "sosirea curierului a fost anunțată",
        EventKind::CustomerAsked => "clientul a fost întrebat",
        EventKind::CustomerAnswered => "clientul a răspuns",
        EventKind::QuestionClosed => "întrebarea către client a fost închisă",
        EventKind::CustomerErased => "datele clientului au fost șterse",
        EventKind::TaskSet => "cineva are ceva de făcut",
        EventKind::TaskTaken => "cineva a preluat o sarcină",
        EventKind::TaskDone => "o sarcină este îndeplinită",
        EventKind::CustomerCalled => "clientul a fost sunat",
    }
}

pub(super) fn next(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => "Vedeți de ce nu a rulat verificarea; se reia automat.",
        Phase::Review => "Vedeți motivele și aprobați, corectați sau respingeți comanda.",
        Phase::Supply => {
            "Vedeți stocul: recepționați marfă, modificați poziții sau anulați restul."
        }
        Phase::Payment => "Întrebați clientul despre plată sau confirmați ori anulați comanda.",
        Phase::Fulfilment => "Pregătiți, ambalați, expediați sau predați ce este gata.",
        Phase::Closed => "Vedeți ce este încă deschis: bani, retururi, excepții.",
    }
}

pub(super) const MATTERS: &[(&str, &str, &str)] = &[
    (
        "review_needed",
        "verificarea a găsit ceva",
        "Vedeți motivele și aprobați, corectați sau respingeți comanda.",
    ),
    (
        "review_overdue",
        "este în verificare de prea mult timp",
        "Decideți astăzi: aprobați, corectați sau respingeți comanda.",
    ),
    (
        "order_stuck",
        "nu merge mai departe de la sine",
        "Vedeți dacă lipsesc condițiile de plată sau comanda este oprită.",
    ),
    (
        "backordered_long",
        "produsele ei nu au sosit de mult timp",
        "Cereți o dată furnizorului și răbdare clientului sau anulați restul.",
    ),
    ("confirmation_needed", "așteaptă confirmarea", "Confirmați sau respingeți comanda."),
    (
        "confirmation_overdue",
        "așteaptă confirmarea de prea mult timp",
        "Confirmați sau respingeți comanda astăzi.",
    ),
    (
        "rest_overdue",
        "o parte a fost expediată, restul nu",
        "Expediați restul sau anulați-l și returnați banii.",
    ),
    (
        "delivery_overdue",
        "nu se știe dacă a fost livrată",
        "Întrebați transportatorul; apoi marcați-o ca livrată sau returnată.",
    ),
    (
        "not_collected",
        "clientul nu a ridicat-o",
        "Sunați clientul; dacă nu vine nimeni, anulați comanda.",
    ),
    (
        "notice_failed",
        "un mesaj nu a ajuns la client",
        "Verificați adresa; de acum se folosește canalul următor.",
    ),
    (
        "customer_unreachable",
        "niciun mesaj nu ajunge la client",
        "Găsiți altă cale de a contacta clientul și corectați datele de contact.",
    ),
    (
        "not_reached",
        "cinci apeluri nu au găsit pe nimeni",
        "Căutați altă cale de a contacta clientul; continuați sau anulați comanda și returnați banii.",
    ),
    (
        "refused",
        "clientul nu o mai vrea, iar banii au venit sau marfa a plecat",
        "Stabiliți ce se întoarce; anulați comanda sau restul ei și returnați banii.",
    ),
    ("call_customer", "clientul trebuie sunat", "Sunați clientul și notați răspunsul."),
    (
        "partly_paid_at_limit",
        "termenul de plată a expirat și s-a plătit doar o parte",
        "Cereți restul, confirmați comanda sau anulați-o și returnați banii.",
    ),
    (
        "wrong_currency",
        "au venit bani în altă monedă",
        "Returnați-i prin procesatorul de plăți sau introduceți-i manual în moneda comenzii.",
    ),
    (
        "refund_without_payment",
        "s-au returnat mai mulți bani decât au venit",
        "Verificați la procesatorul de plăți și introduceți manual ce a venit, dacă lipsește.",
    ),
    (
        "late_money",
        "au venit bani pentru o comandă închisă",
        "Returnați banii sau faceți o comandă nouă și introduceți-i acolo.",
    ),
    (
        "dispute",
        "banca clientului contestă o plată",
        "Răspundeți la timp procesatorului de plăți; până atunci nu trimiteți nimic.",
    ),
    (
        "dispute_lost",
        "o contestație a fost pierdută",
        "Vorbiți cu clientul; comanda nu mai este plătită.",
    ),
    (
        "webhook_disabled",
        "un program al unui client nu primește mesajele",
        "Întrebați clientul; el reactivează adresa și cere repetarea mesajelor pierdute.",
    ),
    (
        "auto_loop",
        "stările se schimbă în cerc",
        "Anunțați persoana care se ocupă de regulile stărilor; mutați comanda manual.",
    ),
    (
        "stock_short",
        "există mai puțină marfă decât s-a rezervat",
        "Numărați din nou, recepționați marfă sau conveniți cu clientul o cantitate mai mică.",
    ),
    (
        "refund_owed",
        "trebuie returnați bani",
        "Returnați-i prin procesatorul de plăți sau prin transfer și notați referința.",
    ),
    (
        "receivable",
        "o factură nu este plătită",
        "Cereți plata de la client; introduceți banii care au venit.",
    ),
    (
        "overdue",
        "clientul are facturi restante",
        "Cereți plata de la client, apoi ridicați oprirea.",
    ),
    (
        "customer_approval",
        "o modificare așteaptă acordul clientului",
        "Nimic, sau sunați clientul. Pentru a retrage modificarea, ridicați oprirea.",
    ),
    (
        "customer_silent",
        "clientul nu a răspuns la o întrebare",
        "Întrebați clientul, apoi faceți ce spune.",
    ),
    (
        "approval_failed",
        "clientul a acceptat o modificare care nu mai este posibilă",
        "Citiți de ce, modificați din nou comanda și întrebați clientul iar.",
    ),
    (
        "customer_choice",
        "lipsesc produse și clientul trebuie să aleagă",
        "Propuneți un înlocuitor, așteptarea sau anularea; apoi ridicați oprirea.",
    ),
    ("assigned", "are un responsabil", "Responsabilul se ocupă de ea."),
    (
        "payment_failed",
        "o plată nu a reușit",
        "De obicei nimic: clientul poate încerca din nou. Sunați dacă nu vine nicio plată.",
    ),
    (
        "unmatched_money",
        "au venit bani care nu aparțin niciunei comenzi",
        "Găsiți comanda și atribuiți-i sau returnați banii.",
    ),
    (
        "contact_failed",
        "un mesaj nu a putut fi livrat",
        "Verificați datele de contact și încercați altfel.",
    ),
    (
        "sms_unclear",
        "nu se știe dacă un SMS a fost trimis",
        "Dacă este important, anunțați clientul altfel.",
    ),
    ("validation_overdue", "nu a putut fi verificată la timp", "Verificați comanda manual."),
    (
        "reservation_overdue",
        "produsele ei nu au putut fi rezervate la timp",
        "Vedeți stocul, apoi aprobați comanda ca să se încerce din nou.",
    ),
    (
        "approval_overdue",
        "așteaptă aprobarea de prea mult timp",
        "Aprobați, corectați sau respingeți comanda astăzi.",
    ),
    (
        "feasibility_check",
        "trebuie văzut dacă poate fi executată",
        "Vedeți dacă, până când și la ce preț poate fi executată; apoi continuați sau respingeți.",
    ),
    (
        "feasibility_overdue",
        "încă nu se știe dacă poate fi executată",
        "Spuneți astăzi dacă poate fi executată sau respingeți comanda.",
    ),
    (
        "preparation_overdue",
        "pregătirea ei durează prea mult",
        "Terminați oferta și desenele sau comunicați clientului o dată.",
    ),
    (
        "contract_overdue",
        "contractul nu a fost convenit de mult timp",
        "Sunați clientul; continuați contractul sau anulați comanda.",
    ),
    (
        "production_overdue",
        "execuția ei durează prea mult",
        "Cereți o dată de la producție și anunțați clientul.",
    ),
    (
        "not_shipped",
        "este gata și nu a fost expediată",
        "Expediați-o sau întrebați clientul când îi convine.",
    ),
    (
        "shipment_overdue",
        "este confirmată și nu a fost expediată",
        "Expediați-o sau comunicați clientului o dată.",
    ),
];
