package io.popsight.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.popsight.service.desk.LeastRate;
import io.popsight.service.desk.RefusedException;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.DetectionGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** That settings do what they say, each where no other test sees it. */
@ExtendWith(OutputCaptureExtension.class)
class SettingsIT extends UnusualSettings {

  @Test
  @Timeout(120)
  void modelThatComes_isCompared(@Value("${popsight.models}") Path folder, CapturedOutput log)
      throws Exception {
    Path whole = Files.write(folder.resolve("new.part"), TestModels.named("delta", "1", 15));
    Files.move(whole, folder.resolve("delta.onnx"));

    while (!log.getAll().contains("delta 1: popcount and onnx agree on every spike")) {
      Thread.sleep(50);
    }
  }

  @Test
  void predictionsOfDeepStack_areNoMore() throws Exception {
    Wire.Answer answer =
        new Wire(httpPort)
            .send(
                BadInput.post("/v1/vision/detection", "multipart/form-data; boundary=b"),
                BadInput.both(
                    BadInput.parts("min_confidence", BadInput.text("0")),
                    BadInput.parts("image", TestPhotos.cells())));

    assertThat(BadInput.json(answer).get("predictions")).as(answer.text()).hasSize(2);
  }

  @Test
  void detectionsOfDoods_areNoMore() throws Exception {
    OipClient.Answer answer =
        new OipClient(httpPort).postJson("/detect", BadInput.doods("\"detect\":{\"*\":0}"));

    assertThat(answer.json().get("detections")).as(answer.text()).hasSize(3);
  }

  @Test
  void photoOfMorePixels_isRefused() throws Exception {
    OipClient client = new OipClient(httpPort);

    assertThat(client.post("/v1/detect", TestPhotos.blank(640, 480)).status()).isEqualTo(200);
    OipClient.Answer larger = client.post("/v1/detect", TestPhotos.blank(641, 480));

    assertThat(larger.status()).isEqualTo(413);
    assertThat(larger.text()).contains("307200");
  }

  @Test
  void messageOfMoreBytes_isRefusedOverGrpc() {
    DetectRequest request =
        DetectRequest.newBuilder().setImage(ByteString.copyFrom(new byte[200_000])).build();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              DetectResponse _ = DetectionGrpc.newBlockingStub(channel).detect(request);
            });

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  /** 333 bytes a second: enough for 500 of them, with what a sender may be behind. */
  @Test
  void bytesThatComeMoreSlowly_areTooSlow(@Autowired LeastRate least) {
    assertThatThrownBy(() -> least.open().waited(TimeUnit.SECONDS.toNanos(30), 10_000))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("less than 2000 bytes a second");
  }
}
