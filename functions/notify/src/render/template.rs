//! The closed list of templates, and which of them a reader may get.

use super::Audience;

/// One list gives the enum, `ALL` and the names, so that none can miss a variant.
macro_rules! templates {
    ($($(#[$doc:meta])+ $variant:ident => $name:literal,)+) => {
        /// A message that is written in every language.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Template {
            $($(#[$doc])+ $variant,)+
        }

        impl Template {
            /// All of them, in the order of an order's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in policies and events.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

templates! {
    /// The order was taken in.
    OrderReceived => "order_received",
    /// Something is missing or being looked at.
    DataNeeded => "data_needed",
    /// Some goods come later.
    Backordered => "backordered",
    /// Goods that were waited for are there.
    StockArrived => "stock_arrived",
    /// Please pay.
    PaymentRequest => "payment_request",
    /// Please pay; not the first time.
    PaymentReminder => "payment_reminder",
    /// Some money came.
    PartlyPaid => "partly_paid",
    /// The deposit came.
    DepositPaid => "deposit_paid",
    /// The goods are ready; please pay the rest.
    BalanceRequest => "balance_request",
    /// All money came.
    Paid => "paid",
    /// More money came than was asked.
    PaymentReceived => "payment_received",
    /// Goods are laid into boxes.
    BeingAssembled => "being_assembled",
    /// Goods left the house.
    HandedOver => "handed_over",
    /// Goods can be fetched.
    ReadyForPickup => "ready_for_pickup",
    /// The courier comes within the hour.
    CourierNear => "courier_near",
    /// It takes longer than promised.
    Late => "late",
    /// The order is off.
    Cancelled => "cancelled",
    /// Money will go back.
    RefundOwed => "refund_owed",
    /// Money went back.
    Refunded => "refunded",
    /// Goods were handed over.
    Delivered => "delivered",
    /// An invoice is not paid in time.
    Overdue => "overdue",
    /// We called and nobody answered.
    NotReached => "not_reached",
    /// Goods came back.
    Returned => "returned",
    /// Somebody of the house wrote to the customer.
    OrderComment => "order_comment",
    /// Do you agree to this change?
    ApprovalRequest => "approval_request",
    /// Do you agree to the order as it stands?
    OrderApprovalRequest => "order_approval_request",
    /// What shall we do about goods that are missing, or have a defect?
    ChoiceRequest => "choice_request",
    /// An order of a subscription is about to be made.
    SubscriptionNotice => "subscription_notice",
    /// Something happened to a partner's order.
    PartnerUpdate => "partner_update",
    /// Something has been open too long.
    StaffAlert => "staff_alert",
    /// There is work to do.
    StaffTask => "staff_task",
    /// Something needs a decision.
    StaffException => "staff_exception",
    /// A payment did not come about.
    StaffPaymentFailed => "staff_payment_failed",
    /// A notice names a template that does not exist.
    Unknown => "unknown",
}

impl Template {
    /// The template of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }

    /// Whether it speaks about the house's own work.
    #[must_use]
    pub fn is_internal(self) -> bool {
        match self {
            Self::StaffAlert
            | Self::StaffTask
            | Self::StaffException
            | Self::StaffPaymentFailed
            | Self::Unknown => true,
            Self::OrderReceived
            | Self::DataNeeded
            | Self::Backordered
            | Self::StockArrived
            | Self::PaymentRequest
            | Self::PaymentReminder
            | Self::PartlyPaid
            | Self::DepositPaid
            | Self::BalanceRequest
            | Self::Paid
            | Self::PaymentReceived
            | Self::BeingAssembled
            | Self::HandedOver
            | Self::ReadyForPickup
            | Self::CourierNear
            | Self::Late
            | Self::Cancelled
            | Self::RefundOwed
            | Self::Refunded
            | Self::Delivered
            | Self::Overdue
            | Self::NotReached
            | Self::Returned
            | Self::OrderComment
            | Self::ApprovalRequest
            | Self::OrderApprovalRequest
            | Self::ChoiceRequest
            | Self::SubscriptionNotice
            | Self::PartnerUpdate => false,
        }
    }

    /// The template a reader gets. A policy can name any template for anybody; what is written
    /// for the house, or does not exist, becomes a plain word on the status for others.
    pub(super) fn for_reader(name: &str, audience: Audience) -> Self {
        let template = Self::from_name(name).unwrap_or(Self::Unknown);
        match audience {
            Audience::Staff => template,
            Audience::Customer | Audience::Partner if template.is_internal() => Self::PartnerUpdate,
            Audience::Customer | Audience::Partner => template,
        }
    }
}
