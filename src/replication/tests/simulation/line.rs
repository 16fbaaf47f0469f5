//! The line between the two: questions and answers that are lost, doubled, and come late and in another order.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use axum::Router;
use axum::body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, Uri};
use tower::Service;

use crate::domain::chance::Chance;
use crate::replication::client::Transport;

/// A question as it waits on the line.
#[derive(Clone)]
struct Question {
    method: Method,
    uri: Uri,
    body: Bytes,
}

/// The line, as both ends hold it.
pub struct Line {
    office: RefCell<Router>,
    chance: RefCell<Chance>,
    /// One exchange in so many goes wrong; 0 for none
    trouble: Cell<u64>,
    late: RefCell<Vec<Question>>,
}

/// The kiosk's end.
#[derive(Clone)]
pub struct KiosksEnd(pub Rc<Line>);

impl Line {
    pub fn new(office: Router, chance: Chance) -> Rc<Self> {
        let (office, chance) = (RefCell::new(office), RefCell::new(chance));
        Rc::new(Self { office, chance, trouble: Cell::new(0), late: RefCell::new(Vec::new()) })
    }

    pub fn lead_to(&self, office: Router) {
        *self.office.borrow_mut() = office;
    }

    pub fn set_trouble(&self, one_in: u64) {
        self.trouble.set(one_in);
    }

    /// Lets messages on the way arrive; nobody hears the answers.
    pub async fn deliver_late(&self) {
        let late = self.late.take();
        for question in late {
            self.ask(question).await;
        }
    }

    async fn ask(&self, Question { method, uri, body }: Question) -> (StatusCode, Bytes) {
        let request = Request::builder().method(method).uri(uri).body(Body::from(body)).unwrap();
        let mut office = self.office.borrow().clone();
        let response = office.call(request).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap())
    }

    fn draw(&self, limit: u64) -> u64 {
        self.chance.borrow_mut().below(limit)
    }
}

impl Transport for KiosksEnd {
    async fn carry(&self, question: Request<Full<Bytes>>, _is_call: bool) -> Result<(StatusCode, Bytes), String> {
        let line = &self.0;
        let (parts, body) = question.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let question = Question { method: parts.method, uri: parts.uri, body };
        let trouble = line.trouble.get();
        if trouble == 0 || line.draw(trouble) > 0 {
            return Ok(line.ask(question).await);
        }
        match line.draw(5) {
            0 => Err("it was lost".into()),
            1 => {
                line.late.borrow_mut().push(question);
                Err("it comes late".into())
            }
            2 => {
                line.ask(question).await;
                Err("the answer was lost".into())
            }
            3 => {
                line.ask(question.clone()).await;
                Ok(line.ask(question).await)
            }
            _ => {
                let earlier = line.late.borrow_mut().pop();
                if let Some(earlier) = earlier {
                    line.ask(earlier).await;
                }
                Ok(line.ask(question).await)
            }
        }
    }
}
