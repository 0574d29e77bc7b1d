{{- define "gateway.name" -}}
{{ .Values.name | default .Release.Name }}
{{- end }}

{{/* What selects pods: never changes for a release. */}}
{{- define "gateway.selector" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gateway.labels" -}}
{{ include "gateway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: gateway
app.kubernetes.io/part-of: weft
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end }}

{{- define "gateway.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What --labels says of the workload, in an order of its own. */}}
{{- define "gateway.workload" -}}
{{- $all := list (printf "app=%s" (include "gateway.name" .)) }}
{{- range $key, $value := .Values.labels }}
{{- $all = append $all (printf "%s=%s" $key $value) }}
{{- end }}
{{- $all | join "," }}
{{- end }}
