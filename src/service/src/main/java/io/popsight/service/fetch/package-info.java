/**
 * Photos that come one after the other, in a body or from a camera, and photos from URLs that
 * callers name, without becoming their way into the house. Start at {@link
 * io.popsight.service.fetch.PhotoFetcher}.
 */
@NullMarked
package io.popsight.service.fetch;

import org.jspecify.annotations.NullMarked;
