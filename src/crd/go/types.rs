//! The Go types that manifests are decoded into, as data.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/types.go, types_jsonschema.go, the v1beta1 that ended
//! with Kubernetes 1.22, k8s.io/apimachinery/pkg/apis/meta/v1/types.go, and
//! k8s.io/kube-aggregator/pkg/apis/apiregistration/v1/types.go.

/// What a value is decoded into.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A text; the name of its type.
    Text(&'static str),
    /// `bool`
    Bool,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `float64`
    Float,
    /// `[]byte`, in base64
    Bytes,
    /// A time of RFC 3339
    Time,
    /// Anything
    Any,
    /// `map[string]…`; the name of its type
    Map(&'static str, &'static Shape),
    /// `[]…`; the name of its type
    List(&'static str, &'static Shape),
    /// A struct
    Struct(&'static Struct),
    /// A schema, a list of schemas, or whatever else, which is dropped: `JSONSchemaPropsOrArray`
    SchemaOrList,
    /// A schema or a boolean: `JSONSchemaPropsOrBool`
    SchemaOrBool,
    /// A schema, a list of texts, or whatever else, which is dropped: `JSONSchemaPropsOrStringArray`
    SchemaOrTexts,
}

/// A struct and its fields.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Its name, without its package, which is `v1` or `v1beta1`.
    pub(crate) name: &'static str,
    /// Its package.
    pub(crate) package: &'static str,
    /// The names of its fields in JSON, and what they hold.
    pub(crate) fields: &'static [(&'static str, Shape)],
}

impl Struct {
    /// What a field holds.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Shape> {
        let mut fields = self.fields.iter();
        fields
            .find(|(field, _)| *field == name)
            .map(|(_, shape)| shape)
    }
}

use Shape::{
    Any, Bool, Bytes, Float, Int32, Int64, List, Map, SchemaOrBool, SchemaOrList, SchemaOrTexts,
    Text, Time,
};

const TEXT: Shape = Text("string");
static TEXT_SHAPE: Shape = TEXT;
const TEXTS: Shape = List("[]string", &TEXT_SHAPE);
const TEXT_MAP: Shape = Map("map[string]string", &TEXT_SHAPE);
static ANY: Shape = Any;
static SCHEMA_SHAPE: Shape = Shape::Struct(&SCHEMA);
static DEPENDENCY: Shape = SchemaOrTexts;
static OWNER_REFERENCE_SHAPE: Shape = Shape::Struct(&OWNER_REFERENCE);
static MANAGED_FIELDS_SHAPE: Shape = Shape::Struct(&MANAGED_FIELDS);
static RULE_SHAPE: Shape = Shape::Struct(&VALIDATION_RULE);
static VERSION_SHAPE: Shape = Shape::Struct(&VERSION);
static COLUMN_SHAPE: Shape = Shape::Struct(&COLUMN);
static SELECTABLE_SHAPE: Shape = Shape::Struct(&SELECTABLE_FIELD);
static CONDITION_SHAPE: Shape = Shape::Struct(&CONDITION);
static VERSION_BETA_SHAPE: Shape = Shape::Struct(&VERSION_BETA);
static COLUMN_BETA_SHAPE: Shape = Shape::Struct(&COLUMN_BETA);

macro_rules! structs {
    ($package:literal; $($(#[$meta:meta])* $name:ident = $go:literal { $($field:literal: $shape:expr,)* })*) => {
        $(
            $(#[$meta])*
            pub(crate) static $name: Struct = Struct {
                name: $go,
                package: $package,
                fields: &[$(($field, $shape)),*],
            };
        )*
    };
}

structs! { "v1";
    /// The root of a custom resource definition.
    CUSTOM_RESOURCE_DEFINITION = "CustomResourceDefinition" {
        "kind": TEXT,
        "apiVersion": TEXT,
        "metadata": Shape::Struct(&OBJECT_META),
        "spec": Shape::Struct(&SPEC),
        "status": Shape::Struct(&STATUS),
    }
    /// The metadata of every object.
    OBJECT_META = "ObjectMeta" {
        "name": TEXT,
        "generateName": TEXT,
        "namespace": TEXT,
        "selfLink": TEXT,
        "uid": Text("types.UID"),
        "resourceVersion": TEXT,
        "generation": Int64,
        "creationTimestamp": Time,
        "deletionTimestamp": Time,
        "deletionGracePeriodSeconds": Int64,
        "labels": TEXT_MAP,
        "annotations": TEXT_MAP,
        "ownerReferences": List("[]v1.OwnerReference", &OWNER_REFERENCE_SHAPE),
        "finalizers": TEXTS,
        "managedFields": List("[]v1.ManagedFieldsEntry", &MANAGED_FIELDS_SHAPE),
    }
    OWNER_REFERENCE = "OwnerReference" {
        "apiVersion": TEXT,
        "kind": TEXT,
        "name": TEXT,
        "uid": Text("types.UID"),
        "controller": Bool,
        "blockOwnerDeletion": Bool,
    }
    MANAGED_FIELDS = "ManagedFieldsEntry" {
        "manager": TEXT,
        "operation": Text("v1.ManagedFieldsOperationType"),
        "apiVersion": TEXT,
        "time": Time,
        "fieldsType": TEXT,
        "fieldsV1": Any,
        "subresource": TEXT,
    }
    SPEC = "CustomResourceDefinitionSpec" {
        "group": TEXT,
        "names": Shape::Struct(&NAMES),
        "scope": Text("v1.ResourceScope"),
        "versions": List("[]v1.CustomResourceDefinitionVersion", &VERSION_SHAPE),
        "conversion": Shape::Struct(&CONVERSION),
        "preserveUnknownFields": Bool,
    }
    NAMES = "CustomResourceDefinitionNames" {
        "plural": TEXT,
        "singular": TEXT,
        "shortNames": TEXTS,
        "kind": TEXT,
        "listKind": TEXT,
        "categories": TEXTS,
    }
    VERSION = "CustomResourceDefinitionVersion" {
        "name": TEXT,
        "served": Bool,
        "storage": Bool,
        "deprecated": Bool,
        "deprecationWarning": TEXT,
        "schema": Shape::Struct(&VALIDATION),
        "subresources": Shape::Struct(&SUBRESOURCES),
        "additionalPrinterColumns": List("[]v1.CustomResourceColumnDefinition", &COLUMN_SHAPE),
        "selectableFields": List("[]v1.SelectableField", &SELECTABLE_SHAPE),
    }
    SELECTABLE_FIELD = "SelectableField" {
        "jsonPath": TEXT,
    }
    COLUMN = "CustomResourceColumnDefinition" {
        "name": TEXT,
        "type": TEXT,
        "format": TEXT,
        "description": TEXT,
        "priority": Int32,
        "jsonPath": TEXT,
    }
    VALIDATION = "CustomResourceValidation" {
        "openAPIV3Schema": Shape::Struct(&SCHEMA),
    }
    SUBRESOURCES = "CustomResourceSubresources" {
        "status": Shape::Struct(&SUBRESOURCE_STATUS),
        "scale": Shape::Struct(&SUBRESOURCE_SCALE),
    }
    SUBRESOURCE_STATUS = "CustomResourceSubresourceStatus" {}
    SUBRESOURCE_SCALE = "CustomResourceSubresourceScale" {
        "specReplicasPath": TEXT,
        "statusReplicasPath": TEXT,
        "labelSelectorPath": TEXT,
    }
    CONVERSION = "CustomResourceConversion" {
        "strategy": Text("v1.ConversionStrategyType"),
        "webhook": Shape::Struct(&WEBHOOK),
    }
    WEBHOOK = "WebhookConversion" {
        "clientConfig": Shape::Struct(&CLIENT_CONFIG),
        "conversionReviewVersions": TEXTS,
    }
    CLIENT_CONFIG = "WebhookClientConfig" {
        "url": TEXT,
        "service": Shape::Struct(&SERVICE),
        "caBundle": Bytes,
    }
    SERVICE = "ServiceReference" {
        "namespace": TEXT,
        "name": TEXT,
        "path": TEXT,
        "port": Int32,
    }
    STATUS = "CustomResourceDefinitionStatus" {
        "conditions": List("[]v1.CustomResourceDefinitionCondition", &CONDITION_SHAPE),
        "acceptedNames": Shape::Struct(&NAMES),
        "storedVersions": TEXTS,
        "observedGeneration": Int64,
    }
    CONDITION = "CustomResourceDefinitionCondition" {
        "type": Text("v1.CustomResourceDefinitionConditionType"),
        "status": Text("v1.ConditionStatus"),
        "lastTransitionTime": Time,
        "reason": TEXT,
        "message": TEXT,
        "observedGeneration": Int64,
    }
    SCHEMA = "JSONSchemaProps" {
        "id": TEXT,
        "$schema": Text("v1.JSONSchemaURL"),
        "$ref": TEXT,
        "description": TEXT,
        "type": TEXT,
        "format": TEXT,
        "title": TEXT,
        "default": Any,
        "maximum": Float,
        "exclusiveMaximum": Bool,
        "minimum": Float,
        "exclusiveMinimum": Bool,
        "maxLength": Int64,
        "minLength": Int64,
        "pattern": TEXT,
        "maxItems": Int64,
        "minItems": Int64,
        "uniqueItems": Bool,
        "multipleOf": Float,
        "enum": List("[]v1.JSON", &ANY),
        "maxProperties": Int64,
        "minProperties": Int64,
        "required": TEXTS,
        "items": SchemaOrList,
        "allOf": List("[]v1.JSONSchemaProps", &SCHEMA_SHAPE),
        "oneOf": List("[]v1.JSONSchemaProps", &SCHEMA_SHAPE),
        "anyOf": List("[]v1.JSONSchemaProps", &SCHEMA_SHAPE),
        "not": Shape::Struct(&SCHEMA),
        "properties": Map("map[string]v1.JSONSchemaProps", &SCHEMA_SHAPE),
        "additionalProperties": SchemaOrBool,
        "patternProperties": Map("map[string]v1.JSONSchemaProps", &SCHEMA_SHAPE),
        "dependencies": Map("v1.JSONSchemaDependencies", &DEPENDENCY),
        "additionalItems": SchemaOrBool,
        "definitions": Map("v1.JSONSchemaDefinitions", &SCHEMA_SHAPE),
        "externalDocs": Shape::Struct(&EXTERNAL_DOCUMENTATION),
        "example": Any,
        "nullable": Bool,
        "x-kubernetes-preserve-unknown-fields": Bool,
        "x-kubernetes-embedded-resource": Bool,
        "x-kubernetes-int-or-string": Bool,
        "x-kubernetes-list-map-keys": TEXTS,
        "x-kubernetes-list-type": TEXT,
        "x-kubernetes-map-type": TEXT,
        "x-kubernetes-validations": List("v1.ValidationRules", &RULE_SHAPE),
    }
    EXTERNAL_DOCUMENTATION = "ExternalDocumentation" {
        "description": TEXT,
        "url": TEXT,
    }
    VALIDATION_RULE = "ValidationRule" {
        "rule": TEXT,
        "message": TEXT,
        "messageExpression": TEXT,
        "reason": Text("v1.FieldValueErrorReason"),
        "fieldPath": TEXT,
        "optionalOldSelf": Bool,
    }
    /// The root of an API service.
    API_SERVICE = "APIService" {
        "kind": TEXT,
        "apiVersion": TEXT,
        "metadata": Shape::Struct(&OBJECT_META),
        "spec": Shape::Struct(&API_SERVICE_SPEC),
        "status": Any,
    }
    API_SERVICE_SPEC = "APIServiceSpec" {
        "service": Shape::Struct(&API_SERVICE_REFERENCE),
        "group": TEXT,
        "version": TEXT,
        "insecureSkipTLSVerify": Bool,
        "caBundle": Bytes,
        "groupPriorityMinimum": Int32,
        "versionPriority": Int32,
    }
    API_SERVICE_REFERENCE = "ServiceReference" {
        "namespace": TEXT,
        "name": TEXT,
        "port": Int32,
    }
}

structs! { "v1beta1";
    /// The root of a custom resource definition before Kubernetes 1.22.
    V1BETA1 = "CustomResourceDefinition" {
        "kind": TEXT,
        "apiVersion": TEXT,
        "metadata": Shape::Struct(&OBJECT_META),
        "spec": Shape::Struct(&SPEC_BETA),
        "status": Shape::Struct(&STATUS),
    }
    SPEC_BETA = "CustomResourceDefinitionSpec" {
        "group": TEXT,
        "version": TEXT,
        "names": Shape::Struct(&NAMES),
        "scope": Text("v1beta1.ResourceScope"),
        "validation": Shape::Struct(&VALIDATION),
        "subresources": Shape::Struct(&SUBRESOURCES),
        "versions": List("[]v1beta1.CustomResourceDefinitionVersion", &VERSION_BETA_SHAPE),
        "additionalPrinterColumns": List(
            "[]v1beta1.CustomResourceColumnDefinition", &COLUMN_BETA_SHAPE),
        "selectableFields": List("[]v1beta1.SelectableField", &SELECTABLE_SHAPE),
        "conversion": Shape::Struct(&CONVERSION_BETA),
        "preserveUnknownFields": Bool,
    }
    VERSION_BETA = "CustomResourceDefinitionVersion" {
        "name": TEXT,
        "served": Bool,
        "storage": Bool,
        "deprecated": Bool,
        "deprecationWarning": TEXT,
        "schema": Shape::Struct(&VALIDATION),
        "subresources": Shape::Struct(&SUBRESOURCES),
        "additionalPrinterColumns": List(
            "[]v1beta1.CustomResourceColumnDefinition", &COLUMN_BETA_SHAPE),
        "selectableFields": List("[]v1beta1.SelectableField", &SELECTABLE_SHAPE),
    }
    COLUMN_BETA = "CustomResourceColumnDefinition" {
        "name": TEXT,
        "type": TEXT,
        "format": TEXT,
        "description": TEXT,
        "priority": Int32,
        "JSONPath": TEXT,
    }
    CONVERSION_BETA = "CustomResourceConversion" {
        "strategy": Text("v1beta1.ConversionStrategyType"),
        "webhookClientConfig": Shape::Struct(&CLIENT_CONFIG),
        "conversionReviewVersions": TEXTS,
    }
}
