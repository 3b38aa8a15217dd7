// The validator says of definitions and their resources what the API server of this tree says when they are created.
//
// It is compiled inside a tree of Kubernetes, from the packages that the API server itself is made of. It reads a question
// from standard input and writes its verdicts to standard output, both as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
)

// question is what is to be looked at; documents are as they were written, with fields that stand there twice.
type question struct {
	Definitions []json.RawMessage `json:"definitions"`
	Resources   []resource        `json:"resources"`
}

// resource is a resource of one of the definitions.
type resource struct {
	// Definition is its place in the list.
	Definition int             `json:"definition"`
	Object     json.RawMessage `json:"object"`
}

// answer has a verdict on each document, in their order.
type answer struct {
	Definitions []verdict `json:"definitions"`
	Resources   []verdict `json:"resources"`
}

// verdict is what the API server says of a document; it takes one that has neither Decoding, Strict nor Errors.
type verdict struct {
	// Decoding is why it cannot be decoded at all.
	Decoding string `json:"decoding,omitempty"`
	// Strict has the fields that are unknown, or stand there twice.
	Strict []string `json:"strict,omitempty"`
	// Errors has the rules that it breaks.
	Errors []fault `json:"errors,omitempty"`
	// Warnings is what the API server says of what it takes.
	Warnings []string `json:"warnings,omitempty"`
	// Unchecked is why nobody looked.
	Unchecked string `json:"unchecked,omitempty"`
}

// fault is a broken rule: where, and what the API server says.
type fault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, "the question cannot be read:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(judge(asked)); err != nil {
		fmt.Fprintln(os.Stderr, "the answer cannot be written:", err)
		os.Exit(2)
	}
}

func judge(asked question) answer {
	said := answer{Definitions: []verdict{}, Resources: []verdict{}}
	var served []*servedDefinition
	for _, document := range asked.Definitions {
		var definition *servedDefinition
		said.Definitions = append(said.Definitions, guarded(func(found *verdict) {
			definition = judgeDefinition(document, found)
		}))
		served = append(served, definition)
	}
	for _, asked := range asked.Resources {
		said.Resources = append(said.Resources, guarded(func(found *verdict) {
			if definition := served[asked.Definition]; definition != nil {
				definition.judge(asked.Object, found)
			} else {
				found.Unchecked = "its definition is refused"
			}
		}))
	}
	return said
}

// guarded takes a panic for what it is in the API server, which answers the request with an error and goes on.
func guarded(judge func(*verdict)) (found verdict) {
	defer func() {
		if panicked := recover(); panicked != nil {
			message := fmt.Sprintf("the API server fails: %v", panicked)
			found.Errors = append(found.Errors, fault{Message: message})
		}
	}()
	judge(&found)
	return found
}

// decoded sorts out what the decoder says, and tells whether there is something to go on with.
func (found *verdict) decoded(err error, kind, version string) bool {
	if err == nil {
		return true
	}
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		for _, err := range strict.Errors() {
			found.Strict = append(found.Strict, err.Error())
		}
		return true
	}
	// Source: transformDecodeError of k8s.io/apiserver/pkg/endpoints/handlers/rest.go.
	found.Decoding = fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", kind, version, kind, err)
	return false
}

// refused sorts out what creating says.
func (found *verdict) refused(err error) {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		found.Errors = append(found.Errors, fault{Message: err.Error()})
		return
	}
	for _, cause := range status.ErrStatus.Details.Causes {
		found.Errors = append(found.Errors, fault{Field: cause.Field, Message: cause.Message})
	}
}

// AddWarning makes a verdict a recorder of warnings.
func (found *verdict) AddWarning(_, text string) {
	found.Warnings = append(found.Warnings, text)
}
