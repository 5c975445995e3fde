{{- define "operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Name of everything: the release's, if it tells what this is. 50 characters, for the suffixes. */}}
{{- define "operator.fullname" -}}
{{- $name := include "operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ include "operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/part-of: saas-license-operator
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/*
Objects of a file of config/rbac (copied to files/rbac by `npm run generate`), under this release's names and in its namespace. The
rules are those of the file: nothing is repeated here that could drift. Arguments: root, file, and edit, a template that changes .object.
*/}}
{{- define "operator.rbac" -}}
{{- $root := .root }}
{{- $fullname := include "operator.fullname" $root }}
{{- $labels := include "operator.labels" $root | fromYaml }}
{{- range $text := splitList "\n---\n" ($root.Files.Get (printf "files/rbac/%s.yaml" $.file)) }}
{{- $object := $text | replace "saas-license-operator" $fullname | fromYaml }}
{{- $metadata := $object.metadata }}
{{- $_ := set $metadata "labels" (merge (deepCopy $labels) $metadata.labels) }}
{{- if $metadata.namespace }}{{ $_ := set $metadata "namespace" $root.Release.Namespace }}{{ end }}
{{- range $object.subjects }}{{ $_ := set . "namespace" $root.Release.Namespace }}{{ end }}
---
{{ include "operator.rbac.edit" (dict "object" $object "root" $root) }}
{{- end }}
{{- end }}

{{/*
A policy of config/policies with its binding, under this release's names: two releases have a policy each. A release that looks after one
namespace has a say in that one only. Arguments: root, file.
*/}}
{{- define "operator.policy" -}}
{{- $root := .root }}
{{- $fullname := include "operator.fullname" $root }}
{{- $variables := dict
  "image" (include "operator.image" $root | squote)
  "serviceAccount" (printf "%s-refresh" $fullname | squote)
  "authorities" ($root.Values.extraCACertificates.configMap | squote)
  "customEndpoints" ($root.Values.allowCustomEndpoints | toString)
}}
{{- range $text := splitList "\n---\n" ($root.Files.Get (printf "files/policies/%s.yaml" $.file)) }}
{{- $object := fromYaml $text }}
{{- $metadata := $object.metadata }}
{{- $_ := set $metadata "name" (replace "saas-license-operator" $fullname $metadata.name) }}
{{- $_ := set $metadata "labels" (merge (include "operator.labels" $root | fromYaml) $metadata.labels) }}
{{- range $object.spec.variables }}
{{- if hasKey $variables .name }}{{ $_ := set . "expression" (get $variables .name) }}{{ end }}
{{- end }}
{{- if eq $object.kind "ValidatingAdmissionPolicyBinding" }}
{{- $_ := set $object.spec "policyName" $metadata.name }}
{{- with $root.Values.watchNamespace }}
{{- $_ := set $object.spec "matchResources" (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" .))) }}
{{- end }}
{{- end }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}

{{/* What values change about an object of config/rbac. */}}
{{- define "operator.rbac.edit" -}}
{{- $object := .object }}
{{- $values := .root.Values }}
{{- $metadata := $object.metadata }}
{{- if and $values.watchNamespace (eq $object.kind "ClusterRoleBinding") }}
{{- $_ := set $object "kind" "RoleBinding" }}
{{- $_ := set $metadata "namespace" $values.watchNamespace }}
{{- end }}
{{- if and (eq $object.kind "ServiceAccount") $values.serviceAccount.annotations }}
{{- $_ := set $metadata "annotations" $values.serviceAccount.annotations }}
{{- end }}
{{- if not $values.rbac.aggregate }}
{{- range $role := list "view" "edit" "admin" }}
{{- $_ := unset $metadata.labels (printf "rbac.authorization.k8s.io/aggregate-to-%s" $role) }}
{{- end }}
{{- end }}
{{- toYaml $object }}
{{- end }}
