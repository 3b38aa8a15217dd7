// SPDX-License-Identifier: Apache-2.0

// Package kubelet describes the machine that it runs on as a node.
package kubelet

import (
	"runtime"
	"strconv"

	"k8s.io/kubernetes/pkg/api/resource"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/kubelet/machine"
)

// Node returns this machine.
func Node(name string) (core.Node, error) {
	info := machine.Get()
	cpus, err := resource.Parse(strconv.FormatInt(info.CPUs, 10))
	if err != nil {
		return core.Node{}, err
	}
	node := core.NewNode(name)
	node.Metadata.Labels = map[string]string{
		"kubernetes.io/arch": runtime.GOARCH,
		"kubernetes.io/os":   runtime.GOOS,
	}
	node.Status.Capacity["cpu"] = cpus
	node.Status.Capacity["page"] = resource.Bytes(info.PageSize)
	return node, nil
}
