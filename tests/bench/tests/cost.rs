//! What an order costs is a reviewed figure: a change shows in the diff of `docs/cost.txt`.

#[tokio::test]
async fn an_order_costs_what_the_reviewed_file_says() {
    let report = ordermill_bench::cost::report::report().await;
    expect_test::expect_file!["../../../docs/cost.txt"].assert_eq(&report);
}
