// Command control-plane holds the programs of a Kubernetes control plane in one
// binary, so that tests and the demo run against the real API server without an
// image registry. The first argument names the program.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // CronJob time zones must work on a machine without tzdata

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

const usage = "usage: control-plane etcd|kube-apiserver|kube-controller-manager|kubectl|crdlint [ARGUMENT]..."

// servers are the long-running programs that share component-base's command runner.
var servers = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
}

// run executes the program named by os.Args[0] and returns its exit code.
func run(program string) int {
	if newCommand, ok := servers[program]; ok {
		return cli.Run(newCommand())
	}
	switch program {
	case "etcd":
		etcdmain.Main(os.Args)
		return 0
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			kubectlutil.CheckErr(err)
		}
		return 0
	case "crdlint":
		return lint(os.Args[1:])
	}
	fmt.Fprintf(os.Stderr, "control-plane: no program %q\n%s\n", program, usage)
	return 2
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	os.Args = os.Args[1:]
	os.Exit(run(os.Args[0]))
}
