// SPDX-License-Identifier: Apache-2.0

// Package registry keeps objects in memory.
package registry

import (
	"fmt"
	"sort"
	"sync"

	"k8s.io/kubernetes/pkg/apis/core"
)

// Nodes keeps nodes by name. It is safe for concurrent use.
type Nodes struct {
	mu    sync.RWMutex
	items map[string]core.Node
}

// NewNodes returns a registry without nodes.
func NewNodes() *Nodes {
	return &Nodes{items: map[string]core.Node{}}
}

// Create adds a node that is not there yet.
func (r *Nodes) Create(node core.Node) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, exists := r.items[node.Metadata.Name]; exists {
		return fmt.Errorf("nodes %q already exists", node.Metadata.Name)
	}
	r.items[node.Metadata.Name] = node
	return nil
}

// List returns all nodes, sorted by name.
func (r *Nodes) List() core.NodeList {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := core.NodeList{
		TypeMeta: core.TypeMeta{Kind: "NodeList", APIVersion: "v1"},
		Items:    make([]core.Node, 0, len(r.items)),
	}
	for _, node := range r.items {
		list.Items = append(list.Items, node)
	}
	sort.Slice(list.Items, func(i, j int) bool {
		return list.Items[i].Metadata.Name < list.Items[j].Metadata.Name
	})
	return list
}
