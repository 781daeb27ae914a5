# Popsight's image. Builds with BuildKit and with the legacy builder, for amd64 and arm64 by --platform. Maven runs on the builder's
# own architecture; what is made for the other one (the unpacked libraries, the Java runtime, the AOT cache) is made by running
# there: elsewhere under QEMU (binfmt), some minutes. Pin the bases by digest where builds must be the same tomorrow:
#   docker build --build-arg BUILD_IMAGE=eclipse-temurin:25-jdk@sha256:... --build-arg RUN_IMAGE=debian:bookworm-slim@sha256:... .
# The legacy builder knows neither BUILDPLATFORM nor TARGETARCH: on an arm64 machine it wants --build-arg JARS_PLATFORM=linux/arm64,
# and --build-arg TARGETARCH=... for another architecture than its own.
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG JARS_IMAGE=${BUILD_IMAGE}
ARG JARS_PLATFORM=${BUILDPLATFORM:-linux/amd64}
ARG RUN_IMAGE=debian:bookworm-slim

FROM --platform=${JARS_PLATFORM} ${JARS_IMAGE} AS jars
WORKDIR /src
ENV MAVEN_OPTS="-Dstyle.color=never"

# Libraries first, by building modules without a line of code: this layer stays as long as no pom and no protocol changes.
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src/core/pom.xml src/core/
COPY src/engine/pom.xml src/engine/
COPY src/onnx/pom.xml src/onnx/
COPY src/imaging/pom.xml src/imaging/
COPY src/protocol src/protocol
COPY src/service/pom.xml src/service/
COPY src/trainer/pom.xml src/trainer/
COPY src/benchmarks/pom.xml src/benchmarks/
COPY src/deploy/pom.xml src/deploy/
ARG TARGETARCH
RUN arch=${TARGETARCH:-$(uname -m)} \
 && case "$arch" in amd64 | x86_64) echo linux-x86_64 ;; arm64 | aarch64) echo linux-arm64 ;; *) echo "unsupported architecture $arch" >&2; exit 1 ;; esac > /platform \
 && ./mvnw -q -B -Pimage -pl src/service -am -Dnative.platform="$(cat /platform)" \
      -DskipTests -Dmaven.test.skip.exec -Dspotless.check.skip=true package

COPY src src
COPY NOTICE LICENSE ./
RUN ./mvnw -q -B -Pimage -pl src/service -am -Dnative.platform="$(cat /platform)" \
      -DskipTests -Dmaven.test.skip.exec -Dspotless.check.skip=true clean package \
 && mkdir -p /app/lib \
 && cp src/service/target/popsight-service-*.jar /app/popsight.jar \
 && cp src/service/target/lib/*.jar /app/lib/ \
 && cp src/service/target/popsight.cdx.json LICENSE NOTICE /app/ \
 && cp -r src/service/src/main/launcher/licenses /app/licenses \
 && sed -n 's#.*<jvm.flags>\(.*\)</jvm.flags>.*#\1#p' pom.xml >/app/java.args && test -s /app/java.args

# The OpenMP and C++ runtimes that the native libraries ask for, of the very system that the service runs on: those of a newer one,
# such as the JDK's image may be, ask for a newer glibc than it has.
FROM ${RUN_IMAGE} AS runtimes
RUN (apt-get update -q && apt-get install -y -q --no-install-recommends libgomp1 libstdc++6) >/dev/null \
 && mkdir /runtimes \
 && cp -L /usr/lib/*-linux-gnu/libgomp.so.1 /usr/lib/*-linux-gnu/libstdc++.so.6 /lib/*-linux-gnu/libgcc_s.so.1 /runtimes/

FROM ${BUILD_IMAGE} AS build
COPY --from=runtimes /runtimes /runtimes
COPY --from=jars /app /app
COPY models/*.onnx models/*.md /app/models/
COPY src/service/src/test/resources/cells/BloodImage_00000.jpg /tmp/photo.jpg

# Only the native libraries that a photo needs, in one folder, out of the jars: JavaCPP unpacks what it loads, so look at a
# photo once; ONNX Runtime's lie in its jar. Of OpenCV's the licences of what is linked into it stay as well. The runtimes that they
# ask for come along, last: OpenCV brings a libgcc_s of its own. All may read what a checkout under a strict umask keeps for itself.
RUN mkdir -p /app/native /tmp/unpacked /tmp/ort \
 && LD_LIBRARY_PATH=/runtimes java @/app/java.args -Dpopsight.home=/app \
      -Dorg.bytedeco.javacpp.cachedir=/tmp/unpacked -cp "/app/popsight.jar:/app/lib/*" io.popsight.service.Popsight \
      detect --json /tmp/photo.jpg >/dev/null \
 && find /tmp/unpacked -name '*.so*' -exec cp -L {} /app/native/ \; \
 && cd /tmp/ort && "$JAVA_HOME"/bin/jar xf /app/lib/onnxruntime-*.jar \
 && cp "ai/onnxruntime/native/linux-$(uname -m | sed s/x86_64/x64/)"/*.so /app/native/ \
 && rm -r ai/onnxruntime/native && "$JAVA_HOME"/bin/jar cfM "$(echo /app/lib/onnxruntime-*.jar)" . \
 && mkdir -p /tmp/opencv /app/licenses/opencv && cd /tmp/opencv \
 && "$JAVA_HOME"/bin/jar xf /app/lib/opencv-*-linux-*.jar "org/bytedeco/opencv/linux-$(uname -m | sed s/aarch64/arm64/)/share/licenses" \
 && find . -path '*/share/licenses/*' -type f -exec cp {} /app/licenses/opencv/ \; \
 && rm /app/lib/*-linux-*.jar \
 && cp /runtimes/* /app/native/ \
 && cd /app/native && sha256sum * | sort | while read -r sum file; do \
      if [ "$sum" = "${last:-}" ]; then ln -sf "$kept" "$file"; else last=$sum; kept=$file; fi; done \
 && chmod -R u=rwX,go=rX /app

# A Java runtime of the modules that are used.
RUN "$JAVA_HOME"/bin/jlink --strip-java-debug-attributes --no-header-files --no-man-pages --compress=zip-0 \
      --add-modules java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.prefs,java.rmi,java.scripting,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.incubator.vector,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs \
      --output /opt/popsight-java

# How the JVM starts, in one file for the training run here and for every start, the flags of pom.xml first. What keeps it small: the
# AOT cache is mapped where it was made for, so that its pages stay the file's; and what the compilers of the warm-up leave in malloc
# is given back.
RUN printf '%s\n' -XX:+UseSerialGC -XX:NewSize=8m -XX:MaxRAMPercentage=35 -XX:+ExitOnOutOfMemoryError -XX:TrimNativeHeapInterval=2000 \
      '-XX:CompileCommand=quiet' '-XX:CompileCommand=CompileThresholdScaling,io.popsight.engine.conv.*::*,0.05' \
      '-XX:CompileCommand=BackgroundCompilation,io.popsight.engine.conv.*::*,false' \
      -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 \
      -Dpopsight.home=/app -Djava.library.path=/app/native -Donnxruntime.native.path=/app/native \
      -Dorg.bytedeco.javacpp.pathsFirst=true -cp "/app/popsight.jar:/app/lib/*" >>/app/java.args

# Start-up, as far as it can be done now: the service starts once, answers photos to warm up, and the JVM keeps what it learned.
ENV LD_LIBRARY_PATH=/app/native
WORKDIR /app
RUN /opt/popsight-java/bin/java @/app/java.args -XX:AOTCacheOutput=/app/popsight.aot io.popsight.service.Popsight \
      serve --models /app/models --stop-when-ready \
 && test -s /app/popsight.aot

FROM ${RUN_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
# Popsight itself is under Apache-2.0, what lies beside it under the licences that /app/licenses lists.
LABEL org.opencontainers.image.title="Popsight" \
      org.opencontainers.image.description="Object detection on a plain CPU with sparse binary-activation networks" \
      org.opencontainers.image.licenses="Apache-2.0 AND LicenseRef-app-licenses" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/popsight-java /opt/popsight-java
COPY --from=build /app /app
WORKDIR /app
# Here and not for the training run, so that a commit that changes nothing else trains nothing; the AOT cache does not depend on it.
RUN echo "-Dpopsight.commit=${REVISION}" >>/app/java.args
# numbers, so that Kubernetes can see that it is not root
USER 10001:10001
ENV LC_ALL=C.UTF-8 OPENCV_LOG_LEVEL=SILENT MALLOC_ARENA_MAX=2 LD_LIBRARY_PATH=/app/native PORTFILE=/tmp/popsight-port
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["/opt/popsight-java/bin/java", "-XX:TieredStopAtLevel=1", "-Xmx16m", "-cp", "/app/popsight.jar", "io.popsight.service.command.HealthCheck"]
ENTRYPOINT ["/opt/popsight-java/bin/java", "@/app/java.args", "-XX:AOTCache=/app/popsight.aot", "io.popsight.service.Popsight"]
CMD ["serve", "--models", "/app/models"]
