// For the CRDs of the Prometheus Operator, against which ServiceMonitor and PrometheusRule are checked; nothing is compiled.
module saaslicense.dev/prometheus-operator

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
