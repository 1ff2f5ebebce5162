//! Romanian: what customers read. What the house and partners read is in `ro_house.rs`.

use super::super::locale::{Figures, Locale};
use super::super::shape::Label;
use super::super::template::Template;
use super::{Language, Message, Words, ro_house, ro_needs};
use ordermill_domain::order::{DeliveryMethod, Terms};
use ordermill_views::dates;

pub(super) const ROMANIAN: Language = Language {
    locale: Locale::Ro,
    words: WORDS,
    message,
    label,
    delivery,
    terms,
    happened: ro_house::happened,
    next: ro_house::next,
    reasons: ro_needs::REASONS,
    needs: ro_needs::NEEDS,
    matters: ro_house::MATTERS,
};

const WORDS: Words = Words {
    figures: Figures { decimal: ',', group: '.', sign_first: false, signs: &[("RON", "lei")] },
    months: dates::RO.months,
    date: dates::RO.form,
    moment: "{date}, ora {time}",
    short: "{day2}.{month}, {time}",
    greeting: "Bună ziua,",
    questions: "Aveți întrebări? Vă ajutăm cu plăcere: {contact}.",
    ask_how_to_pay: "Pentru modalitatea de plată vă rugăm să ne contactați: {contact}.",
    more_lines: "Alte poziții care nu sunt afișate aici: {count}.",
    vat_id: "Cod TVA {vat_id}",
};

fn message(template: Template) -> Message {
    match template {
        Template::OrderReceived => Message {
            subject: &["Am primit comanda dumneavoastră {number}"],
            title: &["Vă mulțumim pentru comandă"],
            body: &["Am primit comanda dumneavoastră {number} și o verificăm. Vă vom scrie la \
                     fiecare pas următor."],
            sms: &["{seller}: am primit comanda dvs. {number}.", "Total {total}.", "{follow}"],
        },
        Template::DataNeeded => Message {
            subject: &[
                "{?needs}Comanda {number}: avem nevoie de câteva date",
                "{?answer}Comanda {number}: așteptăm răspunsul dumneavoastră",
                "Comanda dumneavoastră {number}",
            ],
            title: &[
                "{?needs}Avem nevoie de câteva date",
                "{?answer}Așteptăm răspunsul dumneavoastră",
                "Încă verificăm comanda dumneavoastră",
            ],
            body: &[
                "{?needs}Pentru a continua comanda {number} avem nevoie de ajutorul \
                 dumneavoastră:",
                "{needs}",
                "{?needs}Vă rugăm să răspundeți la acest mesaj sau să ne sunați.",
                "{?answer}Pentru a continua comanda {number} așteptăm răspunsul dumneavoastră. \
                 Vă rugăm să răspundeți la acest mesaj sau să ne sunați.",
                "{!needs}{!answer}Verificarea comenzii dumneavoastră {number} durează mai mult decât de \
                 obicei. Nu trebuie să faceți nimic; vă vom scrie imediat ce putem continua.",
            ],
            sms: &[
                "{?needs}{seller}: pentru a continua comanda {number} avem nevoie de câteva date. \
                 Vă rugăm să ne contactați.",
                "{?answer}{seller}: pentru a continua comanda {number} așteptăm răspunsul dvs. \
                 Vă rugăm să ne contactați.",
                "{!needs}{!answer}{seller}: verificarea comenzii {number} durează mai mult decât de \
                 obicei. Vă scriem imediat ce putem continua.",
                "{phone}",
            ],
        },
        Template::Backordered => Message {
            subject: &[
                "{?ready}O parte din comanda {number} vine mai târziu",
                "Comanda {number} așteaptă marfa",
            ],
            title: &["{?ready}O parte din produse vine mai târziu", "Așteptăm produsele"],
            body: &[
                "{?ready}Unele produse din comanda dumneavoastră {number} nu sunt acum în stoc. \
                 Celelalte sunt rezervate pentru dumneavoastră.",
                "{!ready}Produsele din comanda dumneavoastră {number} nu sunt acum în stoc.",
                "Produsele care sosesc sunt împărțite pe rând celor care așteaptă. Vă vom scrie \
                 imediat ce sosesc produsele dumneavoastră sau se schimbă o dată.",
            ],
            sms: &[
                "{?ready}{seller}: o parte din comanda dvs. {number} vine mai târziu.",
                "{!ready}{seller}: comanda dvs. {number} așteaptă marfa.",
                "Data estimată: {announced}.",
                "Vă scriem când sosește.",
            ],
        },
        Template::StockArrived => Message {
            subject: &["Au sosit produse pentru comanda {number}"],
            title: &["Produsele dumneavoastră au sosit"],
            body: &[
                "{!waiting}Toate produsele din comanda dumneavoastră {number} sunt acum \
                 rezervate pentru dumneavoastră.",
                "{?waiting}Au sosit și v-au fost rezervate alte produse din comanda {number}. \
                 Restul vine mai târziu.",
            ],
            sms: &[
                "{!waiting}{seller}: toate produsele din comanda {number} sunt acum rezervate \
                 pentru dvs.",
                "{?waiting}{seller}: v-au fost rezervate alte produse din comanda {number}. \
                 Restul vine mai târziu.",
            ],
        },
        Template::PaymentRequest => Message {
            subject: &[
                "{?owing}Plata comenzii {number}: {owing}",
                "Comanda dumneavoastră {number}",
            ],
            title: &["Vă rugăm să plătiți {owing}", "Nu mai aveți nimic de plată"],
            body: &[
                "{?owing}Comanda dumneavoastră {number} poate fi plătită.",
                "{?owing}Vă rugăm să plătiți până la {due}. Până atunci vă păstrăm produsele.",
                "Restul de {later} îl plătiți când produsele sunt gata, înainte de expediere.",
                "{!owing}Comanda dumneavoastră {number} este plătită. Vă mulțumim!",
            ],
            sms: &[
                "{seller}: vă rugăm să plătiți {owing} pentru comanda {number}.",
                "{!owing}{seller}: comanda dvs. {number} este plătită. Vă mulțumim!",
                "{?owing}Până la {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PaymentReminder => Message {
            subject: &[
                "{?owing}Reamintire: plata comenzii {number}",
                "Comanda dumneavoastră {number} este plătită",
            ],
            title: &["{?owing}Așteptăm plata", "Nu mai aveți nimic de plată"],
            body: &[
                "{?owing}{!received}Încă nu am primit plata pentru comanda dumneavoastră {number}.",
                "{?owing}{?received}O parte din valoarea comenzii dumneavoastră {number} nu a fost \
                 încă achitată.",
                "{?owing}Vă rugăm să plătiți până la {due}. Până atunci vă păstrăm produsele.",
                "{?owing}Dacă ați plătit între timp, nu mai trebuie să faceți nimic.",
                "{!owing}Comanda dumneavoastră {number} este plătită. Vă mulțumim!",
            ],
            sms: &[
                "{seller}: vă reamintim că aveți de plătit {owing} pentru comanda {number}.",
                "{!owing}{seller}: comanda dvs. {number} este plătită. Vă mulțumim!",
                "{?owing}Până la {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PartlyPaid => Message {
            subject: &["Am primit o parte din plata comenzii {number}"],
            title: &["{?owing}Mai rămân de plătit {owing}", "Vă mulțumim pentru plată"],
            body: &[
                "Am primit {amount} pentru comanda dumneavoastră {number}. Vă mulțumim!",
                "{!amount}Am primit o parte din plata comenzii dumneavoastră {number}. Vă mulțumim!",
                "{?owing}Din total mai rămân de plătit {owing}.",
                "{?owing}Vă rugăm să achitați restul până la {due}.",
            ],
            sms: &[
                "{?amount}{seller}: am primit {amount} pentru comanda dvs. {number}.",
                "{!amount}{seller}: am primit o parte din plata comenzii {number}.",
                "Rest de plată: {owing}.",
                "{?owing}Până la {due_short}.",
                "{?owing}{pay_link}",
            ],
        },
        Template::DepositPaid => Message {
            subject: &["Am primit avansul pentru comanda {number}"],
            title: &["Vă mulțumim pentru avans"],
            body: &[
                "Am primit {amount}.",
                "Pregătim acum comanda dumneavoastră {number}.",
                "{?revived}Fusese anulată; acum că plata a sosit, o executăm.",
                "{not_returned}, pe care voiam să vi-i returnăm, rămân la această comandă.",
                "{?owing}Înainte de predarea produselor mai rămân de plătit {owing}. Vă vom scrie când sunt gata.",
            ],
            sms: &[
                "{seller}: vă mulțumim, am primit avansul pentru comanda {number}.",
                "Mai târziu de plată: {owing}.",
                "{follow}",
            ],
        },
        Template::BalanceRequest => Message {
            subject: &[
                "{?owing}Comanda {number} este gata: {owing} de plată",
                "Comanda dumneavoastră {number} este plătită",
            ],
            title: &["Vă rugăm să plătiți {owing}", "Nu mai aveți nimic de plată"],
            body: &[
                "{?owing}Produsele comenzii dumneavoastră {number} sunt gata. Le primiți după plata restului.",
                "{?owing}Vă rugăm să plătiți până la {due}. Până atunci vă păstrăm produsele.",
                "{!owing}Comanda dumneavoastră {number} este plătită. Vă mulțumim!",
            ],
            sms: &[
                "{seller}: comanda {number} este gata, vă rugăm să plătiți {owing}.",
                "{!owing}{seller}: comanda dvs. {number} este plătită. Vă mulțumim!",
                "{?owing}Până la {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::Paid => Message {
            subject: &["Comanda dumneavoastră {number} este plătită"],
            title: &["Vă mulțumim pentru plată"],
            body: &[
                "Am primit {amount}.",
                "Comanda dumneavoastră {number} este plătită integral.",
                "{?revived}Fusese anulată; acum că plata a sosit, o executăm.",
                "{not_returned}, pe care voiam să vi-i returnăm, rămân la această comandă.",
                "{?to_send}{!fetched}Vă vom scrie când o expediem.",
                "{?to_send}{?fetched}Vă vom scrie când o puteți ridica.",
            ],
            sms: &[
                "{seller}: vă mulțumim, comanda dvs. {number} este plătită.",
                "Total {total}.",
                "{follow}",
            ],
        },
        Template::PaymentReceived => Message {
            subject: &[
                "{?was_closed}Plata dumneavoastră pentru comanda închisă {number}",
                "Încă o plată pentru comanda {number}",
            ],
            title: &["{?was_closed}Am primit plata dumneavoastră", "Am primit încă o plată"],
            body: &[
                "{!was_closed}Am primit {amount} pentru comanda dumneavoastră {number}, care era deja plătită.",
                "{?was_closed}Am primit {amount} pentru comanda dumneavoastră {number}, care era deja închisă.",
                "{!was_closed}{!amount}Am primit încă o plată pentru comanda dumneavoastră {number}, care era deja plătită.",
                "{?refund}Vă vom returna {refund}.",
            ],
            sms: &[
                "{?was_closed}{seller}: am primit plata pentru comanda dvs. {number}, deja închisă.",
                "{!was_closed}{seller}: am primit încă o plată pentru comanda dvs. {number}, deja plătită.",
                "Vă vom returna {refund}.",
            ],
        },
        Template::BeingAssembled => Message {
            subject: &["Pregătim comanda dumneavoastră {number}"],
            title: &["Pregătim comanda dumneavoastră"],
            body: &[
                "Comanda dumneavoastră {number} este în pregătire.",
                "{!fetched}Vă vom scrie când o expediem.",
                "{?fetched}Vă vom scrie când o puteți ridica.",
            ],
            sms: &["{seller}: pregătim comanda dvs. {number}.", "{follow}"],
        },
        Template::HandedOver => Message {
            subject: &[
                "{?rest}O parte din comanda {number} a fost expediată",
                "Comanda dumneavoastră {number} a fost expediată",
            ],
            title: &[
                "{?rest}O parte din comandă este pe drum",
                "Comanda dumneavoastră este pe drum",
            ],
            body: &[
                "{!rest}Am predat transportatorului comanda dumneavoastră {number}.",
                "{?rest}Am predat transportatorului o parte din comanda dumneavoastră {number}. Restul va fi expediat separat.",
                "{?collect}De plătit la livrare: {collect}.",
            ],
            sms: &[
                "{!rest}{seller}: comanda dvs. {number} a fost expediată.",
                "{?rest}{seller}: o parte din comanda dvs. {number} a fost expediată.",
                "{carrier} {tracking}.",
                "De plătit la livrare: {collect}.",
                "{follow}",
            ],
        },
        Template::ReadyForPickup => Message {
            subject: &["Comanda {number} poate fi ridicată"],
            title: &["Comanda dumneavoastră poate fi ridicată"],
            body: &[
                "Puteți ridica comanda dumneavoastră {number}. Vă rugăm să aveți la dumneavoastră numărul comenzii.",
                "{?collect}De plătit la ridicare: {collect}.",
            ],
            sms: &[
                "{seller}: comanda dvs. {number} poate fi ridicată.",
                "De plată: {collect}.",
                "{place}",
            ],
        },
        Template::CourierNear => Message {
            subject: &["Curierul aduce în curând comanda {number}"],
            title: &["Curierul este aproape"],
            body: &[
                "Curierul vă va aduce comanda {number} în jurul orei {expected_time}.",
                "{!expected_time}Curierul vă va aduce comanda {number} în cel mult o oră.",
                "{?collect}Vă rugăm să pregătiți {collect}.",
            ],
            sms: &[
                "{seller}: curierul vă aduce comanda {number} în jurul orei {expected_time}.",
                "{!expected_time}{seller}: curierul vă aduce comanda {number} în cel mult o oră.",
                "De plată: {collect}.",
            ],
        },
        Template::Late => Message {
            subject: &["Comanda dumneavoastră {number} întârzie"],
            title: &["Comanda dumneavoastră întârzie"],
            body: &[
                "Comanda dumneavoastră {number} durează mai mult decât am promis. Ne cerem scuze.",
                "{?announced}Noua dată este {announced}.",
                "{!announced}Vă vom scrie imediat ce știm noua dată.",
            ],
            sms: &[
                "{seller}: ne cerem scuze, comanda dvs. {number} întârzie.",
                "Noua dată: {announced}.",
            ],
        },
        Template::Cancelled => Message {
            subject: &["Comanda dumneavoastră {number} a fost anulată"],
            title: &[
                "{?refused}Nu putem onora comanda dumneavoastră",
                "Comanda dumneavoastră a fost anulată",
            ],
            body: &[
                "{!refused}Comanda dumneavoastră {number} a fost anulată.",
                "{?refused}Ne pare rău că nu putem onora comanda dumneavoastră {number}.",
                "{?refund}Vă vom returna {refund}.",
                "{?again}Dacă doriți în continuare produsele, vă rugăm să le comandați din nou.",
            ],
            sms: &[
                "{seller}: comanda dvs. {number} a fost anulată.",
                "Motivul: {reason}.",
                "Vă vom returna {refund}.",
            ],
        },
        Template::RefundOwed => Message {
            subject: &["Vă vom returna bani pentru comanda {number}"],
            title: &["Vă vom returna {due_back}", "Vă vom returna bani"],
            body: &[
                "Vă vom returna {due_back} pentru comanda dumneavoastră {number}.",
                "{!due_back}Vă vom returna bani pentru comanda dumneavoastră {number}.",
                "Vă vom scrie când banii au fost trimiși.",
            ],
            sms: &[
                "{seller}: vă vom returna {due_back} pentru comanda {number}.",
                "{!due_back}{seller}: vă vom returna bani pentru comanda {number}.",
            ],
        },
        Template::Refunded => Message {
            subject: &["V-am returnat bani pentru comanda {number}"],
            title: &["V-am returnat {amount}", "V-am returnat bani"],
            body: &[
                "V-am returnat {amount} pentru comanda dumneavoastră {number}.",
                "{!amount}V-am returnat bani pentru comanda dumneavoastră {number}.",
                "Pot trece câteva zile până când banca îi afișează.",
            ],
            sms: &[
                "{seller}: v-am returnat {amount} pentru comanda {number}.",
                "{!amount}{seller}: v-am returnat bani pentru comanda {number}.",
            ],
        },
        Template::Delivered => Message {
            subject: &[
                "{?under_way}O parte din comanda {number} a fost livrată",
                "Comanda dumneavoastră {number} a fost livrată",
            ],
            title: &[
                "{?under_way}O parte din comandă a fost livrată",
                "Comanda dumneavoastră a fost livrată",
            ],
            body: &[
                "{!under_way}Comanda dumneavoastră {number} a fost livrată. Vă mulțumim că ați \
                 cumpărat de la noi!",
                "{?under_way}O parte din comanda dumneavoastră {number} a fost livrată. Restul \
                 vine separat.",
                "Dacă ceva nu este în regulă, vă rugăm să ne spuneți.",
            ],
            sms: &[
                "{!under_way}{seller}: comanda dvs. {number} a fost livrată. Vă mulțumim!",
                "{?under_way}{seller}: o parte din comanda dvs. {number} a fost livrată.",
            ],
        },
        Template::Overdue => Message {
            subject: &["{?owing}Plata comenzii {number} este restantă", "Comanda {number}"],
            title: &["{?owing}O plată este restantă", "Nu mai aveți nimic de plată"],
            body: &[
                "{?owing}Plata comenzii dumneavoastră {number} este restantă. Vă rugăm să \
                 plătiți {owing}.",
                "{?owing}Dacă ați plătit între timp, nu mai trebuie să faceți nimic.",
                "{!owing}Comanda dumneavoastră {number} este plătită. Vă mulțumim!",
            ],
            sms: &[
                "{seller}: plata de {owing} pentru comanda {number} este restantă.",
                "{!owing}{seller}: comanda dvs. {number} este plătită. Vă mulțumim!",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::NotReached => Message {
            subject: &["Nu am reușit să vă contactăm despre comanda {number}"],
            title: &["Nu am reușit să vă contactăm"],
            body: &[
                "V-am sunat despre comanda {number} și nu am reușit să vorbim cu dumneavoastră.",
                "{?next_call}Vă vom suna din nou pe {next_call}.",
                "Ne puteți suna și dumneavoastră: {phone}.",
            ],
            sms: &[
                "{seller}: nu am reușit să vă contactăm despre comanda {number}.",
                "Vă sunăm din nou pe {next_call_short}.",
                "Tel. {phone}.",
            ],
        },
        Template::Returned => Message {
            subject: &["Am primit produsele returnate din comanda {number}"],
            title: &["Am primit returul dumneavoastră"],
            body: &[
                "Am primit produsele returnate din comanda dumneavoastră {number}.",
                "{?refund}Vă vom returna {refund}.",
            ],
            sms: &[
                "{seller}: am primit produsele returnate din comanda {number}.",
                "Vă vom returna {refund}.",
            ],
        },
        Template::OrderComment => Message {
            subject: &["Un mesaj despre comanda {number}"],
            title: &["Un mesaj despre comanda dumneavoastră"],
            body: &["Vă scriem despre comanda dumneavoastră {number}."],
            sms: &["{seller}: v-am scris despre comanda dvs. {number}.", "{follow}"],
        },
        Template::ApprovalRequest => Message {
            subject: &["O întrebare despre comanda {number}"],
            title: &["Avem nevoie de răspunsul dumneavoastră"],
            body: &[
                "Am dori să modificăm comanda dumneavoastră {number}. Nimic nu se schimbă fără acordul dumneavoastră.",
                "Vă rugăm să vedeți modificarea și să răspundeți până la {answer_by}.",
                "{!answer_link}Vă rugăm să răspundeți la acest mesaj sau să ne sunați.",
            ],
            sms: &[
                "{seller}: putem modifica comanda dvs. {number}?",
                "{answer_link}",
                "Vă rugăm să răspundeți până la {answer_short}.",
            ],
        },
        Template::OrderApprovalRequest => Message {
            subject: &["Sunteți de acord cu comanda {number}?"],
            title: &["Sunteți de acord?"],
            body: &[
                "Vă rugăm să verificați comanda dumneavoastră {number} și să ne spuneți dacă sunteți de acord cu ea. Continuăm după acordul dumneavoastră.",
                "Vă rugăm să răspundeți până la {answer_by}.",
                "{!answer_link}Vă rugăm să răspundeți la acest mesaj sau să ne sunați.",
            ],
            sms: &[
                "{seller}: sunteți de acord cu comanda {number}?",
                "{answer_link}",
                "Răspundeți până la {answer_short}.",
            ],
        },
        Template::ChoiceRequest => Message {
            subject: &["Vă rugăm să alegeți: comanda {number}"],
            title: &["Vă rugăm să alegeți"],
            body: &[
                "Unele produse din comanda dumneavoastră {number} nu au fost găsite sau au un defect. Vă rugăm să alegeți ce să facem: pagina comenzii arată ce este posibil.",
                "Vă rugăm să răspundeți până la {answer_by}; altfel vă vom contacta.",
                "{!answer_link}Vă rugăm să răspundeți la acest mesaj sau să ne sunați.",
            ],
            sms: &[
                "{seller}: produse din comanda {number} lipsesc sau au un defect, vă rugăm să alegeți.",
                "{answer_link}",
                "Până la {answer_short}.",
            ],
        },
        Template::SubscriptionNotice => Message {
            subject: &["Următoarea dumneavoastră comandă periodică {number}"],
            title: &["Următoarea dumneavoastră comandă periodică"],
            body: &[
                "În curând va fi plasată comanda dumneavoastră periodică {number} pentru data de \
                 {occurrence}.",
                "{!occurrence}În curând va fi plasată comanda dumneavoastră periodică {number}.",
                "Prețul s-a schimbat: a fost {previous}, acum este {total}.",
                "Dacă doriți să o modificați, să o săriți sau să o suspendați, vă rugăm să ne \
                 anunțați până la {until}.",
                "{!until}Dacă doriți să o modificați, să o săriți sau să o suspendați, vă rugăm să \
                 ne anunțați.",
            ],
            sms: &[
                "{seller}: în curând va fi plasată comanda dvs. periodică {number}.",
                "Data: {occurrence}.",
                "Total {total}.",
            ],
        },
        Template::PartnerUpdate => ro_house::PARTNER_UPDATE,
        Template::StaffAlert => ro_house::STAFF_ALERT,
        Template::StaffTask => ro_house::STAFF_TASK,
        Template::StaffException => ro_house::STAFF_EXCEPTION,
        Template::StaffPaymentFailed => ro_house::STAFF_PAYMENT_FAILED,
        Template::Unknown => ro_house::UNKNOWN,
    }
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Order => "Comanda",
        Label::YourNumber => "Numărul dumneavoastră",
        Label::Status => "Stare",
        Label::Total => "Valoarea comenzii",
        Label::TotalThen => "Total după modificare",
        Label::Received => "Primit până acum",
        Label::ToPay => "De plată",
        Label::PayBy => "De plătit până la",
        Label::Bank => "Date bancare",
        Label::PayReference => "Detaliile plății",
        Label::Terms => "Plata",
        Label::Delivery => "Livrare",
        Label::Address => "Adresa",
        Label::Requested => "Data dorită",
        Label::Carrier => "Transportator",
        Label::Tracking => "Număr de urmărire",
        Label::Expected => "Data estimată",
        Label::Place => "Locul",
        Label::Reason => "Motivul",
        Label::Refund => "De returnat",
        Label::Date => "Pentru data",
        Label::Since => "Din",
        Label::Problem => "Motivul",
        Label::Detail => "Detalii",
        Label::About => "Se referă la",
        Label::Responsible => "Responsabil",
        Label::ToDo => "Ce este de făcut",
        Label::Goods => "Produse",
        Label::Discounts => "Reduceri",
        Label::Shipping => "Transport",
        Label::Fees => "Taxe suplimentare",
        Label::Tax => "TVA",
        Label::TaxIncluded => "inclusiv TVA",
        Label::Sum => "Total",
        Label::Ordered => "Comanda dumneavoastră",
        Label::InParcel => "În acest colet",
        Label::Rest => "Se expediază separat",
        Label::Waiting => "Vine mai târziu",
        Label::Ready => "Rezervat pentru dumneavoastră",
        Label::ToFetch => "Pregătit pentru dumneavoastră",
        Label::CameBack => "Returnat",
        Label::Pay => "Plătiți acum",
        Label::Follow => "Urmăriți comanda",
        Label::Answer => "Răspundeți acum",
    }
}

fn delivery(method: DeliveryMethod) -> &'static str {
    match method {
        DeliveryMethod::Courier => "prin curier",
        DeliveryMethod::Pickup => "ridicare de la depozit",
        DeliveryMethod::ParcelLocker => "la un locker sau punct de ridicare",
        DeliveryMethod::Post => "prin poștă",
        DeliveryMethod::Shop => "ridicare din magazin",
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::Prepaid => "în avans",
        Terms::Deposit(_) => "un avans, restul înainte de primirea produselor",
        Terms::AfterConfirmation => "după ce confirmăm comanda",
        Terms::OnDelivery => "la livrare",
        Terms::Invoice => "pe bază de factură",
    }
}
