//! `kubewright crd lint --fix`, as a user sees it.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::harness::{ApiServer, TestEnvironment};

const WRONG: &str = "# Gadgets.
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadget.fix.example.com # PLURAL.GROUP
spec:
  group: fix.example.com
  names:
    plural: gadgets
    kind: Gadget
    scope: Namespaced # everybody has some
  subresources: # of all versions
    status: {}
  versions:
  # The only one.
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        properties:
          # What is wished.
          spec:
            properties:
              size: {type: int, minimun: 1} # slots
              names:
                type: array
                uniqueItems: true
                items:
                  type: string # unique
";

#[test]
fn a_definition_is_mended_with_its_comments_and_taken_by_the_server() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", WRONG);
    assert_snapshot!(environment.kubewright("crd lint --fix a.yaml").success());
    let text = fs::read_to_string(environment.path("work/a.yaml")).unwrap();
    assert_snapshot!(text);
    let tried =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict";
    ApiServer::shared().create(tried, &text).accepted();
    let again = environment.kubewright("crd lint --fix a.yaml").success();
    assert!(again.stderr.starts_with("0 findings fixed"), "{again}");
}

#[test]
fn what_is_left_is_told_and_all_files_change_or_none() {
    let environment = TestEnvironment::new();
    let left = WRONG.replace("minimun: 1", "pattern: '('");
    environment.write("work/some/a.yaml", &left);
    environment.write("work/some/b.yaml", WRONG);
    let output = environment.kubewright("crd lint some --fix").code(10);
    assert!(output.stdout.contains("error[pattern]"), "{output}");
    let mended = fs::read_to_string(environment.path("work/some/b.yaml")).unwrap();
    assert!(mended.contains("gadgets.fix.example.com # PLURAL.GROUP"));

    environment.write("work/some/b.yaml", WRONG);
    environment.write("work/some/a.yaml", WRONG);
    if read_only(&environment.path("work/some")) {
        environment.kubewright("crd lint some --fix").code(2);
        let text = fs::read_to_string(environment.path("work/some/a.yaml")).unwrap();
        assert_eq!(text, WRONG);
    }
    assert_snapshot!(environment.kubewright("crd lint --fix -").code(2), @r"
    ------- stderr -------
    error: standard input is no file that could be changed

    hint: name the file instead of `-`
    [exit code 2]
    ");
}

/// Makes a folder read-only; false where that binds nobody, as it does not bind root.
fn read_only(folder: &Path) -> bool {
    let mut permissions = fs::metadata(folder).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder, permissions).unwrap();
    fs::File::create(folder.join("probe")).is_err()
}
