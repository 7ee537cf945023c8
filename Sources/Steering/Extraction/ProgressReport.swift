/// Hears how far a long piece of work has come: steps done, steps in all, and what is being done.
///
/// It runs on the working thread, often; an error that it throws ends the work.
public typealias ProgressReport = (_ completed: Int, _ total: Int, _ label: String) throws -> Void
