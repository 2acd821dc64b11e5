/// TLS 1.3 for the connections of a job, authenticated by the job's secret instead of certificates.
package dev.tutti.transport.tls;
