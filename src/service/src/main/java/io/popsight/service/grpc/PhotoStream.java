package io.popsight.service.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.popsight.service.Draining;
import io.popsight.service.detect.Caller;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of photos: so many at once, answered as they are done. A caller that does not read its
 * answers is not asked for more photos, so that nothing piles up here. When the service stops
 * nobody is: the photos under way are answered, and the stream ends well only if they were all.
 *
 * @param <Q> what comes in
 * @param <A> what goes out
 */
public final class PhotoStream<Q, A> implements StreamObserver<Q> {

  private static final Logger LOG = LoggerFactory.getLogger(PhotoStream.class);

  private final ServerCallStreamObserver<A> out;
  private final Function<Q, A> answer;
  private final ExecutorService photos = Executors.newVirtualThreadPerTaskExecutor();
  private final Draining draining;
  private final Runnable stop = this::stopping;
  private final MessageMemory.Counted messages = MessageMemory.ofCall();
  private final int photosAtOnce;

  /** Photos that work is done for. */
  private int open;

  /** Photos that were asked for and are not answered. */
  private int asked = 1;

  private int mostAsked = 1;

  /** The client has half-closed, and all that it sent has come. */
  private boolean lastSeen;

  private boolean stopping;
  private boolean ended;

  /**
   * Starts to ask for photos.
   *
   * @param photosAtOnce 1 answers in the order asked, more as photos are done
   * @param answer what it throws ends the stream
   */
  public PhotoStream(
      ServerCallStreamObserver<A> out, int photosAtOnce, Function<Q, A> answer, Draining draining) {
    this.out = out;
    this.answer = answer;
    this.draining = draining;
    this.photosAtOnce = photosAtOnce;
    messages.refusedBy(this::broken);
    out.disableAutoRequest();
    out.setOnCancelHandler(this::cancelled);
    out.setOnReadyHandler(this::ask);
    // The first shows how large they are.
    out.request(asked);
    draining.opened(stop);
  }

  @Override
  public synchronized void onNext(Q request) {
    if (ended) {
      return;
    }
    open++;
    long took = messages.handedOn();
    mostAsked = messages.atOnce(photosAtOnce, took);
    ask();
    Caller caller = Caller.current();
    photos.execute(() -> caller.run(() -> answer(request, took)));
  }

  private void answer(Q request, long took) {
    try {
      done(answered(request, took));
    } catch (RuntimeException | Error e) {
      LOG.error("A stream's photo failed", e);
      broken(Status.INTERNAL.withDescription("a photo failed; the log says why").asException());
    }
  }

  private A answered(Q request, long took) {
    try {
      return answer.apply(request);
    } finally {
      messages.giveBack(took);
    }
  }

  /** Else a caller would wait for ever for the answer that is missing. */
  private synchronized void broken(Exception why) {
    if (!ended) {
      cancelled();
      out.onError(why);
    }
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  private synchronized void cancelled() {
    ended = true;
    draining.closed(stop);
    photos.shutdownNow();
  }

  @Override
  public synchronized void onCompleted() {
    lastSeen = true;
    endWhenDone();
  }

  private synchronized void stopping() {
    stopping = true;
    endWhenDone();
  }

  private synchronized void done(A response) {
    open--;
    if (ended || out.isCancelled()) {
      return;
    }
    out.onNext(response);
    asked--;
    ask();
    endWhenDone();
  }

  /** Whoever does not read is asked when it does again. */
  private synchronized void ask() {
    int more = mostAsked - asked;
    if (more > 0 && !lastSeen && !stopping && out.isReady()) {
      out.request(more);
      asked += more;
    }
  }

  private void endWhenDone() {
    if ((lastSeen || stopping) && open == 0 && !ended) {
      ended = true;
      draining.closed(stop);
      photos.shutdown();
      if (lastSeen) {
        out.onCompleted();
      } else {
        // Photos may be on their way, and OK would say that they are answered.
        out.onError(
            Status.UNAVAILABLE
                .withDescription("the service stops; send what is not answered again")
                .asException());
      }
    }
  }
}
