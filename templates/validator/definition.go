package main

import (
	"context"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/uuid"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
)

// scheme is that of the API server: it defaults and converts.
var scheme = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	return scheme
}()

// judgeDefinition does what creating a definition does up to the storage; it returns one that the API server would serve.
func judgeDefinition(document []byte, found *verdict) *servedDefinition {
	strict := kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, scheme, scheme, kjson.SerializerOptions{Strict: true})
	decoder := serializer.NewCodecFactory(scheme).DecoderToVersion(strict, apiextensions.SchemeGroupVersion)
	kind := apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition")
	object, _, err := decoder.Decode(document, &kind, &apiextensions.CustomResourceDefinition{})
	if !found.decoded(err, kind.Kind, kind.Version) {
		return nil
	}
	definition := object.(*apiextensions.CustomResourceDefinition)
	create(customresourcedefinition.NewStrategy(scheme), definition, "", found)
	if len(found.Strict) > 0 || len(found.Errors) > 0 {
		return nil
	}
	return &servedDefinition{definition: definition, versions: map[string]*servedVersion{}}
}

// create does what the storage of every resource does before it writes an object.
//
// Source: Store.create of k8s.io/apiserver/pkg/registry/generic/registry/store.go.
func create(strategy rest.RESTCreateStrategy, object runtime.Object, namespace string, found *verdict) {
	metadata := object.(metav1.Object)
	metadata.SetCreationTimestamp(metav1.Now())
	metadata.SetUID(uuid.NewUUID())
	if metadata.GetName() == "" && metadata.GetGenerateName() != "" {
		metadata.SetName(strategy.GenerateName(metadata.GetGenerateName()))
	}
	// The request has the namespace that the object names.
	metadata.SetNamespace(namespace)
	context := genericapirequest.WithNamespace(context.Background(), namespace)
	context = warning.WithWarningRecorder(context, found)
	if err := rest.BeforeCreate(strategy, context, object); err != nil {
		found.refused(err)
	}
}
