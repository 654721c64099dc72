{{/* What is common to all objects: (dict "root" $ "service" "gateway"), or without a service. */}}
{{- define "photoferry.labels" -}}
{{ include "photoferry.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "photoferry.selector" -}}
app.kubernetes.io/name: photoferry
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .service }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "photoferry.rabbitmq" -}}
{{ .Release.Name }}-rabbitmq
{{- end }}

{{- define "photoferry.secret" -}}
{{ required "existingSecret is missing: the name of a secret with the files that docs/operating.md lists under 'On Kubernetes'" .Values.existingSecret }}
{{- end }}

{{- define "photoferry.publicUrl" -}}
{{ required "publicUrl is missing: what links begin with, like https://photos.example.com" .Values.publicUrl }}
{{- end }}

{{/* Where RabbitMQ's address stands: a secret's name and key. */}}
{{- define "photoferry.rabbitmqUrl" -}}
{{- if .Values.rabbitmq.cluster.enabled -}}
name: {{ include "photoferry.rabbitmq" . }}-default-user
key: connection_string
{{- else -}}
name: {{ include "photoferry.secret" . }}
key: PHOTOFERRY_RABBITMQ_URL
{{- end }}
{{- end }}

{{- define "photoferry.rabbitmqFile" -}}
{{- with include "photoferry.rabbitmqUrl" . | fromYaml -}}
name: {{ .name }}
items:
  - {key: {{ .key }}, path: PHOTOFERRY_RABBITMQ_URL}
{{- end }}
{{- end }}

{{/* Of every pod. */}}
{{- define "photoferry.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # they would set variables that begin with PHOTOFERRY_
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Of every container. */}}
{{- define "photoferry.container" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* What each service reaches, for its network policy. */}}
{{- define "photoferry.reaches" -}}
{{- $of := dict
  "gateway" (list "postgresql" "rabbitmq" "store" "internet")
  "orders" (list "postgresql" "rabbitmq")
  "transfers" (list "postgresql" "rabbitmq" "store")
  "entitlements" (list "postgresql" "rabbitmq")
  "notifier" (list "postgresql" "rabbitmq" "smtp") -}}
{{- get $of . | toJson -}}
{{- end }}

{{/* The files that each service gets, beside the address of RabbitMQ. */}}
{{- define "photoferry.secrets" -}}
{{- $of := dict
  "gateway" (list "PHOTOFERRY_DATABASE_URL" "PHOTOFERRY_S3_URL" "PHOTOFERRY_SECRET")
  "orders" (list "PHOTOFERRY_DATABASE_URL")
  "transfers" (list "PHOTOFERRY_DATABASE_URL" "PHOTOFERRY_S3_URL")
  "entitlements" (list "PHOTOFERRY_DATABASE_URL")
  "notifier" (list "PHOTOFERRY_DATABASE_URL" "PHOTOFERRY_SECRET" "PHOTOFERRY_SMTP_URL") -}}
{{- get $of . | toJson -}}
{{- end }}
