{{- define "popsight.name" -}}
{{- if contains "popsight" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-popsight" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "popsight.selector" -}}
app.kubernetes.io/name: popsight
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "popsight.labels" -}}
{{ include "popsight.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "popsight.image" -}}
{{- if not .Values.image.repository }}{{ fail "image.repository: say where the image lies" }}{{ end }}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}
{{- if eq (.Values.image.tag | default "") "latest" }}{{ fail "image.tag: latest is another image tomorrow, and a rollback would not bring this one back: name a version, or image.digest" }}{{ end }}
{{- .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "popsight.port" -}}
{{- $url := urlParse . -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{/* Of a quantity such as 2, "0.5" or 500m. */}}
{{- define "popsight.cores" -}}
{{- $quantity := toString . }}
{{- if hasSuffix "m" $quantity }}{{ divf (trimSuffix "m" $quantity) 1000 }}{{ else }}{{ $quantity }}{{ end -}}
{{- end }}

{{/* In percent of the request; KServe takes no more than all of it. An autoscaler acts from a tenth above its target. */}}
{{- define "popsight.targetCpuPercent" -}}
{{- $target := ternary (min 100 .Values.autoscaling.targetCpuPercent) (int .Values.autoscaling.targetCpuPercent) .Values.kserve.enabled }}
{{- if eq 0.0 (float64 (include "popsight.cores" .Values.resources.requests.cpu)) }}{{ fail "resources.requests.cpu: an autoscaler counts in percent of it, so it cannot be 0" }}{{ end }}
{{- $most := divf (mulf 100 (include "popsight.cores" .Values.resources.limits.cpu)) (include "popsight.cores" .Values.resources.requests.cpu) }}
{{- if ge (mulf 1.1 $target) $most }}{{ fail (printf "autoscaling.targetCpuPercent: %v %% of requests.cpu is never exceeded by a tenth, since limits.cpu is %.0f %% of it" $target $most) }}{{ end }}
{{- $target }}
{{- end }}

{{/* In which who keeps a connection asks once more and is told that it ends. */}}
{{- define "popsight.farewellSeconds" -}}
3
{{- end }}

{{- define "popsight.container" -}}
image: {{ include "popsight.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [serve, --port, "8080", --grpc-port, "9090", --backend, {{ .Values.backend }}, --models, /app/models]
env:
  - {name: POPSIGHT_DEFAULT_MODEL, value: {{ .Values.defaultModel | quote }}}
  - {name: POPSIGHT_THREADS, value: {{ .Values.threads | quote }}}
  - {name: POPSIGHT_QUEUE, value: {{ .Values.queue | quote }}}
  - {name: POPSIGHT_DEADLINE, value: {{ printf "%ds" (int .Values.deadlineSeconds) | quote }}}
  # preStop has led new connections elsewhere, unknown to the service. Those that are kept it tells, answer by answer, that they end.
  - {name: POPSIGHT_DRAIN, value: {{ include "popsight.farewellSeconds" . }}s}
  - {name: SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE, value: {{ printf "%ds" (int .Values.deadlineSeconds) | quote }}}
  {{- if .Values.apiKeys.existingSecret }}
  - {name: POPSIGHT_KEY_FILE, value: /etc/popsight/keys}
  {{- end }}
  {{- if .Values.logs.json }}
  - {name: LOGGING_STRUCTURED_FORMAT_CONSOLE, value: ecs}
  {{- end }}
  {{- with .Values.tracing }}
  {{- if .endpoint }}
  - {name: MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_ENDPOINT, value: {{ .endpoint | quote }}}
  - {name: MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_TRANSPORT, value: {{ .transport }}}
  - {name: MANAGEMENT_TRACING_SAMPLING_PROBABILITY, value: {{ .sampling | quote }}}
  {{- end }}
  {{- end }}
  {{- $own := list }}
  {{- range .Values.env }}{{ $own = append $own .name }}{{ end }}
  {{- if and (or .Values.ingress.enabled .Values.gateway.enabled) (not (has "SERVER_FORWARD_HEADERS_STRATEGY" $own)) }}
  # Else all callers from outside would take turns as one.
  - {name: SERVER_FORWARD_HEADERS_STRATEGY, value: native}
  {{- end }}
  {{- with .Values.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - {name: http, containerPort: 8080}
  - {name: grpc, containerPort: 9090}
# A minute to load and warm the models; until then the other two do not ask.
startupProbe:
  httpGet: {path: /actuator/health/readiness, port: http}
  periodSeconds: 1
  failureThreshold: 60
# Out of the Service quickly, back quickly.
readinessProbe:
  httpGet: {path: /actuator/health/readiness, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
# A restart loses what was accepted: only when it has been dead for a minute.
livenessProbe:
  httpGet: {path: /actuator/health/liveness, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- if .Values.drainSeconds }}
# Kubernetes before 1.33 refuses a sleep of no time.
lifecycle:
  preStop:
    sleep: {seconds: {{ .Values.drainSeconds }}}
{{- end }}
resources: {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if .Values.apiKeys.existingSecret }}
  - {name: keys, mountPath: /etc/popsight, readOnly: true}
  {{- end }}
  {{- if ne .Values.models.source "image" }}
  - {name: models, mountPath: /app/models, readOnly: true}
  {{- end }}
  {{- with .Values.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "popsight.pod" -}}
automountServiceAccountToken: false
# What leads traffic away, what ends connections, what answers the last requests, what the last traces wait for a collector that hangs, and
# a little.
terminationGracePeriodSeconds: {{ add .Values.drainSeconds (include "popsight.farewellSeconds" .) .Values.deadlineSeconds (ternary 0 10 (empty .Values.tracing.endpoint)) 5 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.topologySpread.enabled }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .Values.topologySpread.topologyKey }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "popsight.selector" . | nindent 8 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
  {{- with .Values.apiKeys.existingSecret }}
  - name: keys
    secret: {secretName: {{ . | quote }}, defaultMode: 0440}
  {{- end }}
  {{- if eq .Values.models.source "configMap" }}
  - name: models
    configMap: {name: {{ required "models.configMap: models.source is configMap, so name one" .Values.models.configMap | quote }}}
  {{- else if eq .Values.models.source "claim" }}
  - name: models
    persistentVolumeClaim: {claimName: {{ required "models.claim: models.source is claim, so name one" .Values.models.claim | quote }}, readOnly: true}
  {{- else if eq .Values.models.source "download" }}
  - name: models
    emptyDir: {sizeLimit: 1Gi}
  {{- end }}
  {{- with .Values.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- range $source := list "configMap" "claim" "download" }}
{{- if and (get $.Values.models $source) (ne $source $.Values.models.source) }}{{ fail (printf "models.%s is not used: models.source is %s" $source $.Values.models.source) }}{{ end }}
{{- end }}
{{- if eq .Values.models.source "download" }}
{{- $files := list }}
{{- range .Values.models.download }}{{ $files = append $files .file }}{{ end }}
{{- if ne (len $files) (len (uniq $files)) }}{{ fail "models.download: two files have the same name" }}{{ end }}
{{- if not .Values.models.download }}{{ fail "models.download: models.source is download, so list at least one file" }}{{ end }}
initContainers:
  {{- range $index, $file := .Values.models.download }}
  - name: model-{{ $index }}
    image: {{ include "popsight.image" $ }}
    imagePullPolicy: {{ $.Values.image.pullPolicy }}
    command: [/opt/popsight-java/bin/java, -Xmx64m, -cp, /app/popsight.jar, io.popsight.service.command.ModelDownload]
    args: [{{ $file.url | quote }}, {{ $file.sha256 | quote }}, {{ printf "/models/%s" $file.file | quote }}]
    resources:
      requests: {cpu: 100m, memory: 128Mi}
      limits: {cpu: "1", memory: 128Mi}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts:
      - {name: models, mountPath: /models}
      - {name: tmp, mountPath: /tmp}
  {{- end }}
{{- end }}
{{- end }}
