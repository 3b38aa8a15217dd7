// SPDX-License-Identifier: Apache-2.0

// Package core has the types of the API.
package core

import "k8s.io/kubernetes/pkg/api/resource"

// TypeMeta says what an object is.
type TypeMeta struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
}

// ObjectMeta says which object it is.
type ObjectMeta struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// A Node is a machine.
type Node struct {
	TypeMeta
	Metadata ObjectMeta `json:"metadata"`
	Status   NodeStatus `json:"status"`
}

// NodeStatus is what a machine has.
type NodeStatus struct {
	Capacity map[string]resource.Quantity `json:"capacity"`
}

// NodeList is a list of nodes, sorted by name.
type NodeList struct {
	TypeMeta
	Items []Node `json:"items"`
}

// NewNode returns a node with nothing.
func NewNode(name string) Node {
	return Node{
		TypeMeta: TypeMeta{Kind: "Node", APIVersion: "v1"},
		Metadata: ObjectMeta{Name: name},
		Status:   NodeStatus{Capacity: map[string]resource.Quantity{}},
	}
}
