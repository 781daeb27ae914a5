package io.popsight.service.doods;

import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.LeastRate;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.Caller;
import io.popsight.service.fetch.Camera;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection: photos in, an answer each out as they are done; or one camera, and an answer to
 * each of its frames. No more is read while all places are taken.
 */
final class DoodsSocket {

  private static final Logger LOG = LoggerFactory.getLogger(DoodsSocket.class);
  static final Door DOOR = Door.rest("doods");

  /**
   * What has come may move to twice its size, and its text is a copy of it, as the photo is of
   * that.
   */
  private static final int COPIES = 4;

  private final WebSocketSession session;
  private final DoodsDetection detection;
  private final RequestMetrics metrics;
  private final RequestMetrics.Photos measured;
  private final JsonMapper json;
  private final Caller caller;
  private final Semaphore places;
  private final Lock sending = new ReentrantLock();
  private final BodyMemory memory;
  private final LeastRate.Watch watch;
  private StringBuilder message = new StringBuilder();
  private BodyMemory.Share held;
  private boolean hungUp;
  private boolean watching;
  private final ExecutorService photos = Executors.newVirtualThreadPerTaskExecutor();

  DoodsSocket(
      WebSocketSession session,
      DoodsDetection detection,
      RequestMetrics metrics,
      RequestMetrics.Photos measured,
      JsonMapper json,
      Caller caller,
      BodyMemory memory,
      LeastRate leastRate,
      int photosAtOnce) {
    this.session = session;
    this.detection = detection;
    this.metrics = metrics;
    this.measured = measured;
    this.json = json;
    this.caller = caller;
    this.memory = memory;
    this.held = memory.open();
    this.watch = leastRate.watch(e -> hangUp(counted(e)));
    this.places = new Semaphore(photosAtOnce);
  }

  /** A piece of a message; empty until the last one has come. */
  Optional<String> whole(TextMessage piece) throws IOException {
    if (hungUp || !session.isOpen()) {
      // What was on its way when the connection was closed from here.
      return Optional.empty();
    }
    watch.came(piece.getPayloadLength());
    Optional<CloseStatus> tooMuch = refused(piece.getPayloadLength());
    if (tooMuch.isPresent()) {
      hungUp = true;
      message = new StringBuilder();
      held.close();
      session.close(tooMuch.get());
      return Optional.empty();
    }
    message.append(piece.getPayload());
    if (!piece.isLast()) {
      return Optional.empty();
    }
    watch.whole();
    String whole = message.toString();
    message = new StringBuilder();
    return Optional.of(whole);
  }

  private Optional<CloseStatus> refused(int more) {
    try {
      if (message.length() + more > detection.maxBody()) {
        throw new RefusedException(
            Refusal.TOO_LARGE, "a request holds at most %d bytes".formatted(detection.maxBody()));
      }
      held.growPatiently((long) COPIES * more);
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(counted(e));
    }
  }

  private CloseStatus counted(RefusedException e) {
    Optional<Refusal> _ = measured.answer(() -> Refusal.counted(e, metrics));
    CloseStatus status =
        switch (e.refusal()) {
          case QUEUE_FULL -> CloseStatus.SERVICE_OVERLOAD;
          case TOO_SLOW -> CloseStatus.POLICY_VIOLATION;
          default -> CloseStatus.TOO_BIG_TO_PROCESS;
        };
    return status.withReason(String.valueOf(e.getMessage()));
  }

  /** Answers a photo, as soon as there is a place. */
  void photo(String asked) {
    places.acquireUninterruptibly();
    BodyMemory.Share ofPhoto = held;
    held = memory.open();
    try {
      photos.execute(() -> caller.run(() -> answer(asked, ofPhoto)));
    } catch (RejectedExecutionException e) {
      // Nobody is connected any more.
      ofPhoto.close();
      places.release();
    }
  }

  private void answer(String asked, BodyMemory.Share ofPhoto) {
    try (ofPhoto) {
      answered(
          () -> detection.parsed(bytes(asked)),
          request ->
              detection.with(
                  request.checked(), photo -> detection.answer(photo, request, ofPhoto)));
    } finally {
      places.release();
    }
  }

  /**
   * Answers a camera's frames until it ends or nobody is there to read. One at most: else a single
   * connection could hold all that the service has for cameras.
   */
  void camera(String asked) {
    held.close();
    held = memory.open();
    if (watching) {
      caller.run(
          () ->
              answered(
                  () -> detection.parsed(bytes(asked)),
                  request -> {
                    throw new RefusedException(
                        Refusal.INVALID_PARAMETER,
                        "this connection has a camera already; open another for a further one");
                  }));
      return;
    }
    watching = true;
    photos.execute(() -> caller.run(() -> follow(asked)));
  }

  private void follow(String asked) {
    @Nullable String id = null;
    try {
      DoodsRequest request = detection.parsed(bytes(asked));
      id = request.id();
      request.checked();
      try (Camera camera = detection.camera(request)) {
        Optional<byte[]> frame = camera.next();
        while (frame.isPresent() && session.isOpen()) {
          byte[] photo = frame.get();
          try (BodyMemory.Share ofFrame = memory.open()) {
            answered(() -> request, r -> detection.answer(photo, r, ofFrame));
          }
          frame = camera.next();
        }
      }
    } catch (RuntimeException e) {
      boolean _ = send(DoodsAnswer.failed(id, told(e)));
    }
    hangUp(CloseStatus.NORMAL);
  }

  /** A client that reads a camera's frames starts anew when it is hung up on. */
  private void hangUp(CloseStatus why) {
    try {
      session.close(why);
    } catch (IOException e) {
      LOG.debug("Nobody is there to hang up on", e);
    }
  }

  private void answered(Supplier<DoodsRequest> asked, Function<DoodsRequest, DoodsAnswer> answer) {
    boolean _ = measured.answer(() -> send(answer(asked, answer)));
  }

  private DoodsAnswer answer(
      Supplier<DoodsRequest> asked, Function<DoodsRequest, DoodsAnswer> answer) {
    @Nullable String id = null;
    try {
      DoodsRequest request = asked.get();
      id = request.id();
      return answer.apply(request);
    } catch (RuntimeException e) {
      Optional<Refusal> _ = Refusal.counted(e, metrics);
      return DoodsAnswer.failed(id, told(e));
    }
  }

  /** Only what a refusal says is for the caller. */
  private static String told(RuntimeException e) {
    if (Refusal.of(e).isPresent() || e instanceof CancellationException) {
      return Refusal.message(e);
    }
    LOG.error("A request over a WebSocket failed", e);
    return "something went wrong here";
  }

  /**
   * Answers wait here for each other, and so hold their memory until they are sent. Tomcat hangs up
   * on who does not read.
   */
  private boolean send(DoodsAnswer answer) {
    sending.lock();
    try {
      session.sendMessage(new TextMessage(json.writeValueAsBytes(answer)));
      return true;
    } catch (IOException | IllegalStateException e) {
      LOG.debug("Nobody is there to read an answer", e);
    } finally {
      sending.unlock();
    }
    RequestInProgress.current().ifPresent(r -> r.endsAs(Outcome.CANCELLED));
    return false;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  void close() {
    watch.close();
    held.close();
    photos.shutdownNow();
  }
}
