/** The service as a client sees it: a real server on a random port, real photos, both backends. */
@NullMarked
package io.popsight.service;

import org.jspecify.annotations.NullMarked;
