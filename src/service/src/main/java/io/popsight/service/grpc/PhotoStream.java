package io.popsight.service.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.popsight.service.detect.Caller;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectStreamResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * One stream of photos: so many at once, answered as they are done. A caller that does not read its
 * answers is not asked for more photos, so that nothing piles up here.
 */
final class PhotoStream implements StreamObserver<DetectRequest> {

  private final ServerCallStreamObserver<DetectStreamResponse> out;
  private final Function<DetectRequest, DetectStreamResponse> answer;
  private final ExecutorService photos = Executors.newVirtualThreadPerTaskExecutor();
  private int open;
  private int owed;
  private boolean lastSeen;

  PhotoStream(
      ServerCallStreamObserver<DetectStreamResponse> out,
      int photosAtOnce,
      Function<DetectRequest, DetectStreamResponse> answer) {
    this.out = out;
    this.answer = answer;
    out.disableAutoRequest();
    out.setOnCancelHandler(photos::shutdownNow);
    out.setOnReadyHandler(this::askForOwed);
    out.request(photosAtOnce);
  }

  @Override
  public synchronized void onNext(DetectRequest request) {
    open++;
    Caller caller = Caller.current();
    photos.execute(() -> caller.run(() -> done(answer.apply(request))));
  }

  @Override
  public void onError(Throwable failure) {
    photos.shutdownNow();
  }

  @Override
  public synchronized void onCompleted() {
    lastSeen = true;
    endWhenDone();
  }

  private synchronized void done(DetectStreamResponse response) {
    open--;
    if (out.isCancelled()) {
      return;
    }
    out.onNext(response);
    owed++;
    if (out.isReady()) {
      askForOwed();
    }
    endWhenDone();
  }

  private synchronized void askForOwed() {
    if (owed > 0) {
      out.request(owed);
      owed = 0;
    }
  }

  private void endWhenDone() {
    if (lastSeen && open == 0) {
      photos.shutdown();
      out.onCompleted();
    }
  }
}
