{{/* What selects pods: never changes for a release. */}}
{{- define "weft.selector" -}}
app.kubernetes.io/name: weft-control
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "weft.labels" -}}
{{ include "weft.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: control-plane
app.kubernetes.io/part-of: weft
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end }}

{{- define "weft.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* Whether the API server asks the control plane; empty for no. */}}
{{- define "weft.asked" -}}
{{- if or .Values.injector.enabled .Values.validator.enabled }}yes{{ end }}
{{- end }}

{{/* Whether ConfigMaps of all namespaces are configuration; empty for no. */}}
{{- define "weft.configEverywhere" -}}
{{- if has "*" .Values.config.namespaces }}yes{{ end }}
{{- end }}

{{/* Namespaces of configuration, as JSON: a template gives text alone. */}}
{{- define "weft.configNamespaces" -}}
{{- if include "weft.configEverywhere" . -}}
[]
{{- else -}}
{{ .Values.config.namespaces | default (list .Release.Namespace) | uniq | toJson }}
{{- end -}}
{{- end }}
