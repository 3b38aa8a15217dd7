package main

import (
	"fmt"
	"reflect"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	schemaobjectmeta "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	structuralpruning "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apiserver/pkg/registry/rest"
)

// servedDefinition is a definition as the API server serves its resources.
//
// Source: getOrCreateServingInfoFor and unstructuredSchemaCoercer of
// k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go.
type servedDefinition struct {
	definition *apiextensions.CustomResourceDefinition
	versions   map[string]*servedVersion
}

// servedVersion is one version of it, made when the first resource asks for it: compiling CEL takes time.
type servedVersion struct {
	schema   *structuralschema.Structural
	strategy rest.RESTCreateStrategy
}

// judge does what creating a resource does up to the storage.
func (served *servedDefinition) judge(document []byte, found *verdict) {
	object := &unstructured.Unstructured{}
	typer := crdserverscheme.NewUnstructuredObjectTyper()
	strict := kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, creator{}, typer, kjson.SerializerOptions{Strict: true})
	_, kind, err := strict.Decode(document, nil, object)
	if kind == nil {
		kind = &schema.GroupVersionKind{}
	}
	if !found.decoded(err, kind.Kind, kind.Version) {
		return
	}
	version, err := served.version(*kind)
	if err != nil {
		found.Errors = append(found.Errors, fault{Field: "apiVersion", Message: err.Error()})
		return
	}
	unknown, err := version.coerce(object)
	if !found.decoded(err, kind.Kind, kind.Version) {
		return
	}
	for _, path := range unknown {
		found.Strict = append(found.Strict, fmt.Sprintf(`unknown field "%s"`, path))
	}
	structuraldefaulting.Default(object.UnstructuredContent(), version.schema)
	namespace := ""
	if version.strategy.NamespaceScoped() {
		namespace = object.GetNamespace()
		if namespace == "" {
			namespace = "default"
		}
	}
	create(version.strategy, object, namespace, found)
}

type creator struct{}

func (creator) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object, nil
}

func (served *servedDefinition) version(kind schema.GroupVersionKind) (*servedVersion, error) {
	name := kind.Version
	if version := served.versions[name]; version != nil {
		return version, nil
	}
	spec := &served.definition.Spec
	isServed := false
	for _, version := range spec.Versions {
		isServed = isServed || version.Name == name && version.Served
	}
	if !isServed {
		return nil, fmt.Errorf("the server could not find the requested resource: version %q is not served", name)
	}
	valid, err := apiextensions.GetSchemaForVersion(served.definition, name)
	if err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(valid.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	if err := structuraldefaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	strategy, err := served.strategy(kind, valid, structural)
	if err != nil {
		return nil, err
	}
	version := &servedVersion{schema: structural, strategy: strategy}
	served.versions[name] = version
	return version, nil
}

// strategy calls the two functions that get other arguments from one version of Kubernetes to the next: each argument is
// given by its type, and one that is of no use for creating stays zero.
func (served *servedDefinition) strategy(
	kind schema.GroupVersionKind, valid *apiextensions.CustomResourceValidation, structural *structuralschema.Structural,
) (rest.RESTCreateStrategy, error) {
	made := call(validation.NewSchemaValidator, valid, valid.OpenAPIV3Schema)
	if err, failed := made[len(made)-1].Interface().(error); failed {
		return nil, err
	}
	arguments := []any{
		made[0].Interface(), structural, map[string]*structuralschema.Structural{kind.Version: structural}, kind,
		served.definition.Spec.Scope == apiextensions.NamespaceScoped, crdserverscheme.NewUnstructuredObjectTyper(),
	}
	subresources, err := apiextensions.GetSubresourcesForVersion(served.definition, kind.Version)
	if err != nil {
		return nil, err
	}
	if subresources != nil && subresources.Status != nil {
		arguments = append(arguments, subresources.Status)
	}
	if subresources != nil && subresources.Scale != nil {
		arguments = append(arguments, subresources.Scale)
	}
	return call(customresource.NewStrategy, arguments...)[0].Interface().(rest.RESTCreateStrategy), nil
}

// call calls a function with the first of the arguments that fits each parameter.
func call(function any, arguments ...any) []reflect.Value {
	value := reflect.ValueOf(function)
	var in []reflect.Value
	for i := 0; i < value.Type().NumIn(); i++ {
		parameter := value.Type().In(i)
		given := reflect.Zero(parameter)
		for _, argument := range arguments {
			if reflect.TypeOf(argument).AssignableTo(parameter) {
				given = reflect.ValueOf(argument)
				break
			}
		}
		in = append(in, given)
	}
	return value.Call(in)
}

// coerce prunes a resource and puts its metadata in order, as reading a request does.
func (version *servedVersion) coerce(object *unstructured.Unstructured) ([]string, error) {
	kind, apiVersion := object.GetKind(), object.GetAPIVersion()
	metadata, hasMetadata, unknown, err := schemaobjectmeta.GetObjectMetaWithOptions(
		object.Object, schemaobjectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, structuralpruning.PruneWithOptions(object.Object, version.schema, true, tracked)...)
	structuraldefaulting.PruneNonNullableNullsWithoutDefaults(object.Object, version.schema)
	wrong, embedded := schemaobjectmeta.CoerceWithOptions(
		nil, object.Object, version.schema, false, schemaobjectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if wrong != nil {
		return nil, wrong
	}
	object.SetKind(kind)
	object.SetAPIVersion(apiVersion)
	if hasMetadata {
		if err := schemaobjectmeta.SetObjectMeta(object.Object, metadata); err != nil {
			return nil, err
		}
	}
	return append(unknown, embedded...), nil
}
