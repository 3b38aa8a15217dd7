// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"sync"
	"testing"

	"k8s.io/kubernetes/pkg/apis/core"
)

func TestCreateIsSafeAndRefusesTwins(t *testing.T) {
	nodes := NewNodes()
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			nodes.Create(core.NewNode(fmt.Sprintf("node-%d", i%4)))
		}(i)
	}
	wg.Wait()

	list := nodes.List()
	if len(list.Items) != 4 {
		t.Fatalf("%d nodes, want 4", len(list.Items))
	}
	for i, node := range list.Items {
		if want := fmt.Sprintf("node-%d", i); node.Metadata.Name != want {
			t.Errorf("node %d is %s, want %s", i, node.Metadata.Name, want)
		}
	}
}
