//! Neither a permit nor a writer can be made outside the modules that prove the right to: code that tries does not compile.

#[test]
fn permission_to_change_cannot_be_forged() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/permit/*.rs");
}
