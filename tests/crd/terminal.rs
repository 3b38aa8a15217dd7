//! On a terminal no row is wider than that, and what is told follows the file.

use crate::harness::TestEnvironment;

#[test]
fn rows_break_at_spaces() {
    let environment = TestEnvironment::new();
    let old = super::fixture("old", "old.example.com");
    environment.write("work/old.yaml", &old);
    let rich = super::fixture("rich", "rich.example.com");
    environment.write("work/rich.yaml", &rich);
    let changed = rich.replace(
        "type: integer",
        "type: string, description: A text which was a number before",
    );
    environment.write("work/changed.yaml", &changed);
    let kubewright = env!("CARGO_BIN_EXE_kubewright");
    for line in [
        "crd --help",
        "crd lint --help",
        "crd diff rich.yaml changed.yaml 2>/dev/null",
        "crd convert old.yaml >/dev/null",
    ] {
        let script = format!(
            "script --quiet --return --command 'stty cols 80 rows 24; TERM=dumb {kubewright} {line}' /dev/null || true"
        );
        let shown = environment.bash(&environment.path("work"), &script);
        let rows: Vec<&str> = shown.stdout.lines().map(str::trim_end).collect();
        assert!(rows.len() > 2, "{line}: {shown}");
        let wide = |row: &&&str| row.chars().count() > 80 && row.trim().contains(' ');
        assert_eq!(rows.iter().find(wide), None, "{line}");
    }
}

#[test]
fn what_is_converted_is_told_in_the_order_of_the_file() {
    let environment = TestEnvironment::new();
    environment.write("work/old.yaml", &super::fixture("old", "old.example.com"));
    let output = environment.kubewright("crd convert old.yaml").success();
    let places: Vec<(u32, u32)> = output
        .stderr
        .lines()
        .filter_map(|line| {
            let mut parts = line.strip_prefix("old.yaml:")?.split(':');
            Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        })
        .collect();
    assert!(places.len() > 5, "{}", output.stderr);
    assert!(places.is_sorted(), "{}", output.stderr);
}
